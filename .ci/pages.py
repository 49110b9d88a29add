"""Collects the pages of the documentation site in one folder:

    python3 .ci/pages.py FOLDER

The pages are written for the repository, and link to each other and to files by their paths there. This
script rewrites links between pages to their names in the site, and links to files to the repository. A
broken link is an error.
"""

import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / ".ci/zensical.toml"
# Pages outside docs/, and their names in the site.
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "local/README.md": "local.md",
}
# Extensions of files in docs/ that are not pages but part of the site.
PUBLISHED = {".css", ".html", ".js", ".json", ".png", ".svg"}
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages():
    """Returns the pages, from path in the repository to name in the site."""
    inside = {f"docs/{path.name}": path.name for path in sorted((ROOT / "docs").glob("*.md"))}
    return {**inside, **OUTSIDE}


def follow(source, link, names, repository):
    """Returns the target of a page's link in the site: an address, or None for plain text."""
    if link.startswith(("#", "https://", "http://")):
        return link
    path, _, fragment = link.partition("#")
    target = os.path.normpath(os.path.join(os.path.dirname(source), path))
    if target.startswith("..") or not (ROOT / target).exists():
        raise LookupError(f"{source} links to {link}, which does not exist")
    if target in names:
        return names[target] + (f"#{fragment}" if fragment else "")
    if target.startswith("docs/") and os.path.splitext(target)[1] in PUBLISHED:
        return target.removeprefix("docs/")
    return f"{repository}/{target}" if repository else None


def unpublished(folder, names):
    """Returns the names in a folder that are not copied into the site."""
    files = (name for name in names if os.path.isfile(os.path.join(folder, name)))
    return [name for name in files if os.path.splitext(name)[1] not in PUBLISHED]


def page(source, text, names, repository):
    """Returns a page of the repository as a page of the site."""

    def replaced(match):
        address = follow(source, match[2], names, repository)
        return f"[{match[1]}]({address})" if address else match[1]

    outside = FENCE.split(text)
    fences = FENCE.findall(text) + [""]
    text = "".join(LINK.sub(replaced, part) + fence for part, fence in zip(outside, fences))
    if any(fence.startswith("```mermaid") for fence in fences):
        text += '\n<script src="mermaid/mermaid.min.js"></script>\n'
    return text


def main(folder):
    names = pages()
    configuration = CONFIGURATION.read_text()
    repository = os.environ.get("REPOSITORY_URL", "").rstrip("/")
    shutil.copytree(ROOT / "docs", folder, ignore=unpublished)
    for source, name in names.items():
        if f'"{name}"' not in configuration:
            raise LookupError(f"{source} is missing in the navigation of {CONFIGURATION.relative_to(ROOT)}")
        text = page(source, (ROOT / source).read_text(), names, repository)
        if name == "index.md":
            # Leaves room for the diagram.
            text = f"---\nhide: [toc]\n---\n\n{text}"
        (Path(folder) / name).write_text(text)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except LookupError as error:
        sys.exit(str(error))

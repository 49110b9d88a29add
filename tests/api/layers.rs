//! Dependencies between modules, as drawn in `docs/architecture.md`: modules import downwards and
//! without cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, UseTree, Visibility};

use crate::agreement::root;

/// The names on the path of a module. The root of a crate has none.
type Module = Vec<String>;

/// The modules of a crate with the modules of the same crate that they use.
type Uses = BTreeMap<Module, BTreeSet<Module>>;

/// Visitor that collects the imports of a file.
struct Imports<'a> {
    /// Module of the file.
    module: &'a Module,
    /// Imported paths from the root of the crate.
    paths: Vec<Module>,
}

impl Imports<'_> {
    /// Adds a path that begins with `crate`, `self` or `super`. Other paths refer to other crates
    /// and are ignored.
    fn add(&mut self, path: &[String]) {
        let (first, mut rest) = path.split_first().expect("a path");
        let mut from = match first.as_str() {
            "crate" => Module::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().saturating_sub(1)].to_vec(),
            _ => return,
        };
        while let Some((next, behind)) = rest.split_first().filter(|(next, _)| *next == "super") {
            assert_eq!(next, "super");
            from.pop();
            rest = behind;
        }
        self.paths.push([&from[..], rest].concat());
    }

    fn add_tree(&mut self, begin: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                begin.push(path.ident.to_string());
                self.add_tree(begin, &path.tree);
                begin.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(begin, tree)),
            UseTree::Name(name) => self.add(&[&begin[..], &[name.ident.to_string()]].concat()),
            UseTree::Rename(name) => self.add(&[&begin[..], &[name.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.add(begin),
        }
    }
}

/// Returns true if an item is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    let of_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|it| it == "test")
    };
    attributes.iter().any(of_test)
}

/// Returns true if an import only re-exports an item of a module below.
fn is_re_export(item: &syn::ItemUse) -> bool {
    let is_own = match &item.tree {
        UseTree::Path(path) => path.ident != "crate" && path.ident != "super",
        _ => false,
    };
    is_own && !matches!(item.vis, Visibility::Inherited)
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Use(item) if is_test(&item.attrs) || is_re_export(item) => return,
            Item::Use(item) => return self.add_tree(&mut Vec::new(), &item.tree),
            Item::Mod(ItemMod { attrs, .. }) => attrs,
            Item::Impl(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none() && names.len() > 1 {
            self.add(&names);
        }
        visit::visit_path(self, path);
    }
}

/// Adds the contents of the files of a crate by module, except unit tests and binaries.
fn files(folder: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && name != "bin" {
            files(&path, &[&module[..], &[name]].concat(), found);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !["tests", "main"].contains(&name.as_str())
        {
            let text = fs::read_to_string(&path).expect("a source");
            let is_root = ["lib", "mod"].contains(&name.as_str());
            let module = if is_root { module.clone() } else { [&module[..], &[name]].concat() };
            found.entry(module).or_default().push_str(&text);
        }
    }
}

/// Returns the modules that each module of a crate uses.
fn uses(folder: &str) -> Uses {
    let mut sources = BTreeMap::new();
    files(&root().join(folder).join("src"), &Module::new(), &mut sources);
    let modules: BTreeSet<Module> = sources.keys().cloned().collect();
    let used = sources.iter().map(|(module, text)| {
        let file = syn::parse_file(text).expect("Rust");
        let mut imports = Imports { module, paths: Vec::new() };
        imports.visit_file(&file);
        // A path belongs to the module with the longest matching prefix.
        let leads_to = |path: Module| {
            (0..=path.len()).rev().map(|length| path[..length].to_vec()).find(|begin| modules.contains(begin))
        };
        let used = imports.paths.into_iter().filter_map(leads_to);
        // The root of a crate only declares its modules.
        let used = used.filter(|used| used != module && !used.is_empty()).collect();
        (module.clone(), used)
    });
    used.filter(|(module, _)| !module.is_empty()).collect()
}

/// Returns a cycle in the imports, if there is one.
fn cycle(uses: &Uses) -> Option<Vec<&Module>> {
    fn walk<'a>(
        uses: &'a Uses,
        module: &'a Module,
        path: &mut Vec<&'a Module>,
        done: &mut BTreeSet<&'a Module>,
    ) -> bool {
        if path.contains(&module) {
            path.push(module);
            return true;
        }
        if !done.insert(module) {
            return false;
        }
        path.push(module);
        let found = uses.get(module).is_some_and(|used| used.iter().any(|used| walk(uses, used, path, done)));
        if !found {
            path.pop();
        }
        found
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|module| {
        let mut path = Vec::new();
        walk(uses, module, &mut path, &mut done).then_some(path)
    })
}

/// Returns the layers of `shared` from the table in the documentation, the highest first.
fn layers() -> Vec<BTreeSet<String>> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("the page");
    let (_, table) = page.split_once("| layer of `shared` |").expect("the table of layers");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let modules = row.split('|').nth(1).expect("the modules");
        modules.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    })
    .collect()
}

#[test]
fn modules_have_no_cyclic_imports() {
    for folder in ["shared", "functions", "local"] {
        let uses = uses(folder);
        assert!(uses.values().any(|used| !used.is_empty()), "{folder} has imports");
        assert_eq!(cycle(&uses), None, "{folder}");
    }
}

#[test]
fn the_modules_of_shared_import_downwards() {
    let layers = layers();
    let layer = |module: &Module| layers.iter().position(|layer| layer.contains(&module[0]));
    let uses = uses("shared");
    let listed: BTreeSet<String> = layers.iter().flatten().cloned().collect();
    let modules: BTreeSet<String> = uses.keys().map(|module| module[0].clone()).collect();
    assert_eq!(modules, listed, "every module has a layer");
    let ground = layers.len() - 1;
    for (module, used) in &uses {
        for used in used.iter().filter(|used| used[0] != module[0]) {
            let (from, to) = (layer(module), layer(used));
            assert!(from < to || (from, to) == (Some(ground), Some(ground)), "{module:?} uses {used:?}");
        }
    }
}

#[test]
fn cyclic_imports_are_detected() {
    let module = |name: &str| vec![name.to_owned()];
    let mut uses = Uses::from([
        (module("a"), BTreeSet::from([module("b")])),
        (module("b"), BTreeSet::from([module("c")])),
        (module("c"), BTreeSet::new()),
    ]);
    assert_eq!(cycle(&uses), None);
    uses.insert(module("c"), BTreeSet::from([module("b")]));
    assert_eq!(cycle(&uses).map(|path| path.len()), Some(4));
}

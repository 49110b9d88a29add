//! The lines of the input, read on a separate thread.

use std::io::{self, BufRead, BufReader, Read};
use std::thread;

use tokio::sync::mpsc;

use crate::error::Error;

/// The maximum length of a line, in bytes. An item of the table is limited to 400 KB.
pub(super) const MAX_LINE: u64 = 256 * 1024;
/// The maximum number of lines that are imported together, and that are read ahead.
const MAX_LINES: usize = 500;
/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of the line, starting at 1.
    pub(super) number: usize,
    /// The line without its line break. A line that is too long is truncated to just over the limit.
    pub(super) text: Vec<u8>,
}

/// The lines of an input. A separate thread reads them, because reading can block.
pub(super) struct Lines {
    lines: mpsc::Receiver<io::Result<Line>>,
    failure: Option<io::Error>,
}

impl Lines {
    /// Starts to read an input. Skips a byte order mark at the beginning.
    pub(super) fn of(input: impl Read + Send + 'static) -> Result<Self, Error> {
        let (sender, lines) = mpsc::channel(MAX_LINES);
        let read = move || {
            let mut input = BufReader::new(input);
            for number in 1.. {
                let line = next_line(&mut input, number).transpose();
                let is_last = line.as_ref().is_none_or(Result::is_err);
                // The receiver is dropped when the import stops.
                if line.is_some_and(|line| sender.blocking_send(line).is_err()) || is_last {
                    return;
                }
            }
        };
        thread::Builder::new().name("input".to_owned()).spawn(read).map_err(unreadable)?;
        Ok(Self { lines, failure: None })
    }

    /// Waits for lines and returns all that have been read, within a maximum. Empty at the end of the input.
    /// If the returned future is dropped, no line is lost.
    pub(super) async fn next(&mut self) -> Result<Vec<Line>, Error> {
        if let Some(failure) = self.failure.take() {
            return Err(unreadable(failure));
        }
        let mut received = Vec::with_capacity(MAX_LINES);
        self.lines.recv_many(&mut received, MAX_LINES).await;
        let mut lines = Vec::with_capacity(received.len());
        for line in received {
            match line {
                Ok(line) => lines.push(line),
                Err(failure) if lines.is_empty() => return Err(unreadable(failure)),
                // Lines before the failure are imported first.
                Err(failure) => self.failure = Some(failure),
            }
        }
        Ok(lines)
    }
}

/// Returns the next line, or `None` at the end.
fn next_line(input: &mut impl BufRead, number: usize) -> io::Result<Option<Line>> {
    let mut text = Vec::new();
    input.by_ref().take(MAX_LINE + 2).read_until(b'\n', &mut text)?;
    if text.is_empty() {
        return Ok(None);
    }
    if text.pop_if(|byte| *byte == b'\n').is_none() {
        input.skip_until(b'\n')?;
    }
    if number == 1 && text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(Some(Line { number, text }))
}

fn unreadable(reason: io::Error) -> Error {
    Error::Stream { name: "the input".to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read};

    use super::{Line, Lines, MAX_LINES};

    async fn all(lines: &mut Lines) -> Vec<Line> {
        let mut all = Vec::new();
        loop {
            let next = lines.next().await.expect("readable");
            if next.is_empty() {
                return all;
            }
            assert!(next.len() <= MAX_LINES);
            all.extend(next);
        }
    }

    fn line(number: usize, text: &str) -> Line {
        Line { number, text: text.as_bytes().to_vec() }
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_skipped_only_at_the_beginning() {
        for (text, expected) in [
            ("\u{feff}a\n\u{feff}b\n", vec![line(1, "a"), line(2, "\u{feff}b")]),
            ("\u{feff}\u{feff}a", vec![line(1, "\u{feff}a")]),
            ("\u{feff}", vec![line(1, "")]),
            ("\u{feff}\nb", vec![line(1, ""), line(2, "b")]),
            ("", vec![]),
        ] {
            let mut lines = Lines::of(Cursor::new(text)).expect("started");
            assert_eq!(all(&mut lines).await, expected, "{text:?}");
        }
    }

    #[tokio::test]
    async fn every_line_is_returned_once_and_in_order() {
        let count = 3 * MAX_LINES + 1;
        let text = (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
        let mut lines = Lines::of(Cursor::new(text)).expect("started");
        let expected: Vec<Line> = (1..=count).map(|number| line(number, &number.to_string())).collect();
        assert_eq!(all(&mut lines).await, expected);
    }

    /// An input that fails after some bytes.
    struct Failing(Cursor<&'static str>);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                length => Ok(length),
            }
        }
    }

    #[tokio::test]
    async fn lines_before_a_failure_are_returned_first() {
        let mut lines = Lines::of(Failing(Cursor::new("a\nb\nc"))).expect("started");
        let mut read = Vec::new();
        let error = loop {
            match lines.next().await {
                Ok(next) => read.extend(next),
                Err(error) => break error,
            }
        };
        assert_eq!(read, [line(1, "a"), line(2, "b")]);
        assert_eq!(error.to_string(), "the input: connection reset");
    }
}

//! What the firmware logs: in Rust `defmt` frames, which are put into words with the strings in its ELF file; in C the same words as they are, for `defmt` is
//! for Rust only.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, thread};

use defmt_decoder::{DecodeError, Table};

use crate::{Outcome, at};

/// The lines that were logged, the oldest first.
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<String>>>);

impl Logs {
    /// Reads the frames that `source` brings until it ends.
    ///
    /// # Errors
    /// The ELF file has no strings for them.
    pub fn of(elf: &Path, source: impl Read + Send + 'static) -> Outcome<Self> {
        let bytes = fs::read(elf).map_err(at(elf.display()))?;
        let table = Table::parse(&bytes).map_err(at(elf.display()))?;
        let table = table.ok_or_else(|| format!("{}: logs nothing", elf.display()))?;
        let logs = Self::default();
        let lines = logs.clone();
        thread::spawn(move || read(&table, source, &lines));
        Ok(logs)
    }

    /// Reads the lines that `source` brings until it ends.
    pub fn in_plain_text(source: impl Read + Send + 'static) -> Self {
        let logs = Self::default();
        let lines = logs.clone();
        thread::spawn(move || BufReader::new(source).lines().map_while(Result::ok).for_each(|line| lines.add(line)));
        logs
    }

    /// The lines from number `first` on.
    pub fn since(&self, first: usize) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(first..).unwrap_or_default().to_vec()
    }

    fn add(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

fn read(table: &Table, mut source: impl Read, lines: &Logs) {
    let mut decoder = table.new_stream_decoder();
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = source.read(&mut buffer) {
        decoder.received(buffer.get(..length).unwrap_or_default());
        loop {
            match decoder.decode() {
                Ok(frame) => {
                    let level = frame.level().map_or("", |level| level.as_str());
                    lines.add(format!("{level:<5} {}", frame.display_message()));
                }
                Err(DecodeError::UnexpectedEof) => break,
                Err(DecodeError::Malformed) => {
                    lines.add("(a frame of the log that makes no sense)".to_owned());
                    if !table.encoding().can_recover() {
                        return;
                    }
                }
            }
        }
    }
}

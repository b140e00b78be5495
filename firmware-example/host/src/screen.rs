//! What a person sees of the device: its display, its relays and lights. And the keys, for who presses them.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Outcome, at};

/// The names of the outputs, in the order of their numbers.
pub const OUTPUTS: [&str; 4] = ["siren", "armed", "open", "trouble"];

/// How often one looks while nothing changes.
const GLANCE: Duration = Duration::from_millis(10);

/// How long a key may take, however busy the computer is.
const LONGEST_KEY: Duration = Duration::from_secs(10);

/// What can be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The display's two lines, without the blanks at their ends.
    pub lines: [String; 2],
    /// Which outputs are on.
    pub outputs: [bool; 4],
    /// How many keys have been pressed and let go.
    pub keys: usize,
}

/// The device's face.
#[derive(Clone)]
pub struct Screen {
    shared: Arc<(Mutex<View>, Condvar)>,
    port: Arc<UnixStream>,
}

impl Screen {
    /// The face at the other end of this stream.
    ///
    /// # Errors
    /// The stream cannot be shared.
    pub fn of(stream: &UnixStream) -> Outcome<Self> {
        let reader = stream.try_clone().map_err(at("the terminal"))?;
        let port = Arc::new(stream.try_clone().map_err(at("the terminal"))?);
        let screen = Self { shared: Arc::default(), port };
        let shown = screen.clone();
        thread::spawn(move || shown.follow(reader));
        Ok(screen)
    }

    /// What is seen now.
    pub fn view(&self) -> View {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `is_right` of what is seen; the last view if it never is.
    ///
    /// # Errors
    /// It is not in that time.
    pub fn wait(&self, longest: Duration, mut is_right: impl FnMut(&View) -> bool) -> Result<View, View> {
        let by = Instant::now() + longest;
        let (view, changed) = &*self.shared;
        let mut view = view.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if is_right(&view) {
                return Ok(view.clone());
            }
            let left = by.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(view.clone());
            }
            // What is waited for may depend on more than is seen.
            view = changed.wait_timeout(view, left.min(GLANCE)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Presses keys, one after the other, and waits until the last has been let go; `d` and `D` let somebody come to the detector and go, `l` and `L`
    /// take the line down and up again. After `&` the next key is held until the next `&`.
    ///
    /// # Errors
    /// The device is gone.
    pub fn type_keys(&self, keys: &str) -> Outcome<()> {
        let all = self.view().keys + keys.len();
        self.press(keys)?;
        let gone = self.wait(LONGEST_KEY * keys.len() as u32, |view| view.keys >= all);
        gone.map(drop).map_err(|_| "the keys are stuck".to_owned())
    }

    /// Presses keys and waits for nothing.
    ///
    /// # Errors
    /// The device is gone.
    pub fn press(&self, keys: &str) -> Outcome<()> {
        (&*self.port).write_all(keys.as_bytes()).map_err(at("the terminal"))
    }

    fn follow(&self, reader: UnixStream) {
        let mut bytes = std::io::BufReader::new(reader).bytes().map_while(Result::ok);
        while let Some(byte) = bytes.next() {
            match byte {
                0xfe => {
                    let line = match bytes.next() {
                        Some(0x80) => 0,
                        Some(0xc0) => 1,
                        _ => continue,
                    };
                    let text: Vec<u8> = bytes.by_ref().take(16).collect();
                    let text = String::from_utf8_lossy(&text).trim_end().to_owned();
                    self.change(|view| view.lines.get_mut(line).map_or((), |line| *line = text));
                }
                0xfd => {
                    let (number, level) = (bytes.next(), bytes.next());
                    let number = number.map_or(usize::MAX, usize::from);
                    self.change(|view| view.outputs.get_mut(number).map_or((), |output| *output = level == Some(1)));
                }
                0xfc => self.change(|view| view.keys += 1),
                _ => {}
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        let (view, changed) = &*self.shared;
        change(&mut view.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }
}

//! A panel that a person can use: its keypad and display in the terminal.

use std::io::{BufReader, IsTerminal as _, Read as _, Write as _, stdin, stdout};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use std::{env, thread};

use keyholder::time::{Instant, Time};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::bench::Bench;
use crate::emulator::{Firmware, Start};
use crate::screen::{OUTPUTS, View};
use crate::site::Site;
use crate::{Outcome, at, words};

/// Lines of the log that are shown.
const SHOWN: usize = 8;
/// Between two looks at the device.
const LOOK: Duration = Duration::from_millis(40);

/// What a device stands on.
pub struct Desk {
    /// The areas of its keypad; 0: all of system 1.
    pub areas: u32,
    /// The file that is its flash.
    pub flash: PathBuf,
    /// What its clock is set to; `None`: now.
    pub at: Option<Instant>,
    /// How many times as fast as ours its clock runs.
    pub rate: u32,
}

/// Lets a person use the device of `site`.
///
/// # Errors
/// The device does not start, or is gone.
pub fn run(site: &Site, on: &Desk) -> Outcome<()> {
    let bench = Bench::kept(site.firmware(), &on.flash, &site.identity(on.areas))?;
    let mut desk = Seat { site, on, bench, lines: Vec::new(), logged: 0, clock: true, sequence: 0, begun: std::time::Instant::now() };
    desk.switch_on()?;
    let raw = stdin().is_terminal() && stdout().is_terminal();
    let _raw = if raw { Some(Raw::begin()?) } else { None };
    let keys = keys();
    let mut shown = String::new();
    loop {
        let goes_on = match keys.recv_timeout(LOOK) {
            Ok(key) => desk.key(key)?,
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => {
                // What was typed last is still on its way through the keypad.
                thread::sleep(Duration::from_secs(2));
                false
            }
        };
        desk.listen()?;
        let picture = desk.picture();
        if picture != shown {
            show(&picture, raw).map_err(at("the terminal"))?;
            shown = picture;
        }
        if !goes_on {
            return Ok(());
        }
    }
}

/// A terminal whose keys come one by one; as it was before when this is dropped.
struct Raw(Termios);

impl Raw {
    fn begin() -> Outcome<Self> {
        let before = tcgetattr(stdin()).map_err(at("the terminal"))?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw).map_err(at("the terminal"))?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nobody to tell.
        _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
    }
}

/// The keys that somebody presses here.
fn keys() -> Receiver<u8> {
    let (send, keys) = channel();
    thread::spawn(move || {
        for key in BufReader::new(stdin()).bytes().map_while(Result::ok) {
            if send.send(key).is_err() {
                return;
            }
        }
    });
    keys
}

/// Draws the picture; on a terminal over the one before.
fn show(picture: &str, raw: bool) -> std::io::Result<()> {
    let mut out = stdout();
    if raw {
        write!(out, "\x1b[H\x1b[J{}", picture.replace('\n', "\r\n"))?;
    } else {
        writeln!(out, "{picture}")?;
    }
    out.flush()
}

/// The device and who sits in front of it.
struct Seat<'a> {
    site: &'a Site,
    on: &'a Desk,
    bench: Bench,
    /// What was told and logged.
    lines: Vec<String>,
    logged: usize,
    clock: bool,
    sequence: u64,
    /// When somebody sat down.
    begun: std::time::Instant,
}

impl Seat<'_> {
    /// What the clock should read.
    fn now(&self) -> Time {
        match self.on.at {
            None => Site::now(),
            Some(at) => Time::Known(at.plus(self.begun.elapsed().as_secs().saturating_mul(u64::from(self.on.rate)).cast_signed())),
        }
    }

    fn switch_on(&mut self) -> Outcome<()> {
        self.logged = 0;
        let now = self.now();
        let running = self.bench.start(Start { rate: self.on.rate, ..Start::BENCH })?;
        self.sequence = running.started.sequence;
        if self.clock {
            running.set_clock(now, false)?;
        }
        if !running.started.has_policy {
            self.install()?;
        }
        Ok(())
    }

    fn install(&mut self) -> Outcome<()> {
        self.sequence += 1;
        let blob = self.site.blob(self.sequence)?;
        let answer = self.bench.running()?.wire.install(&blob)?;
        self.lines.push(format!("policy: {}", words::answer(&answer)));
        Ok(())
    }

    /// A key that was pressed here. `false`: enough.
    fn key(&mut self, key: u8) -> Outcome<bool> {
        match key {
            b'0'..=b'9' | b'*' | b'#' | b'd' | b'D' | b'l' | b'L' => {
                self.bench.running()?.screen.press(char::from(key).to_string().as_str())?
            }
            b'\r' | b'\n' => self.bench.running()?.screen.press("#")?,
            0x7f | 0x08 => self.bench.running()?.screen.press("**")?,
            b'p' => {
                self.lines.push("the power is cut, and comes back".to_owned());
                self.switch_on()?;
            }
            b't' => {
                self.clock = !self.clock;
                let time = if self.clock { self.now() } else { Time::Unknown };
                self.bench.running()?.set_clock(time, false)?;
            }
            b'u' => self.install()?,
            // Control-C and control-D are keys like others on a raw terminal.
            b'q' | 0x03 | 0x04 => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    /// Listens to what the device tells and logs.
    fn listen(&mut self) -> Outcome<()> {
        let running = self.bench.running()?;
        while let Some(told) = running.wire.told(Duration::from_millis(1))? {
            self.lines.push(words::told(&told));
        }
        let logs = running.emulator.logs.since(self.logged);
        self.logged += logs.len();
        self.lines.extend(logs.into_iter().map(|line| format!("log {line}")));
        Ok(())
    }

    fn picture(&mut self) -> String {
        let view = self.bench.running().map(|running| running.screen.view()).unwrap_or_default();
        let keypad = if self.site.firmware() == Firmware::Receiver { receiver(&view) } else { panel(&view) };
        let last = self.lines.iter().skip(self.lines.len().saturating_sub(SHOWN));
        let width = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100_usize);
        let lines: String = last.map(|line| format!("  {line:.width$}\n")).collect();
        format!("{}, whose codes are in {}\n\n{keypad}\n{lines}", self.site.name(), self.site.path().display())
    }
}

/// A panel's face.
pub fn panel(view: &View) -> String {
    let [first, second] = &view.lines;
    let lights: Vec<String> =
        OUTPUTS.iter().zip(view.outputs).map(|(name, on)| format!("({}) {name}", if on { '*' } else { ' ' })).collect();
    let [siren, armed, open, trouble] = lights.as_slice() else { return String::new() };
    format!(
        "  +------------------+\n  | {first:<16} |   {siren}\n  | {second:<16} |   {armed}\n  +------------------+   {open}\n\
         \x20                        {trouble}\n      [1] [2] [3]        l/L  the line is down / up\n      [4] [5] [6]        d/D  somebody at the detector / nobody\n\
         \x20     [7] [8] [9]        t    the clock stops / is set\n      [*] [0] [#]        p    power cut    u  policy anew    q  quit\n"
    )
}

fn receiver(view: &View) -> String {
    let [first, second] = &view.lines;
    format!(
        "  +------------------+\n  | {first:<16} |   t  the clock stops / is set\n  | {second:<16} |   p  power cut    u  policy anew    q  quit\n\
         \x20 +------------------+\n"
    )
}

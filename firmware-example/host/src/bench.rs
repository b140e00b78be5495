//! A device on the bench: a flash, the firmware that runs on it, and the ends of its two serial lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyholder::time::Time;
use keyholder_line::answer::State;
use keyholder_line::identity::Identity;
use keyholder_line::request::Request;

use crate::emulator::{Emulator, Firmware, Start, new_folder};
use crate::logs::Logs;
use crate::screen::{Screen, View};
use crate::wire::{Answer, Wire};
use crate::{Outcome, factory};

/// How long what is to be seen may take.
const LONGEST_LOOK: Duration = Duration::from_secs(15);

/// A device on the bench.
pub struct Bench {
    firmware: Firmware,
    /// Where its flash is; removed with the bench unless it was there before.
    flash: PathBuf,
    folder: Option<PathBuf>,
    running: Option<Running>,
}

/// What there is only while it has power.
pub struct Running {
    /// The emulator.
    pub emulator: Emulator,
    /// The line.
    pub wire: Wire,
    /// What a person sees.
    pub screen: Screen,
    /// How it said it was when it started.
    pub started: State,
}

impl Bench {
    /// A device fresh from the factory, without power.
    ///
    /// # Errors
    /// There is no room for its flash.
    pub fn fresh(firmware: Firmware, identity: &Identity) -> Outcome<Self> {
        let folder = new_folder()?;
        let flash = folder.join("flash");
        factory::write_flash(&flash, identity)?;
        Ok(Self { firmware, flash, folder: Some(folder), running: None })
    }

    /// The device whose flash is in the file at `flash`; fresh from the factory if there is no such file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn kept(firmware: Firmware, flash: &Path, identity: &Identity) -> Outcome<Self> {
        if !flash.exists() {
            factory::write_flash(flash, identity)?;
        }
        Ok(Self { firmware, flash: flash.to_owned(), folder: None, running: None })
    }

    /// The file that is its flash.
    pub fn flash(&self) -> &Path {
        &self.flash
    }

    /// Gives it power, and waits until it has started.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(&mut self, start: Start) -> Outcome<&mut Running> {
        self.cut_power();
        let emulator = Emulator::start(self.firmware, &self.flash, start)?;
        let screen = Screen::of(&emulator.terminal)?;
        let stream = emulator.line.try_clone().map_err(|error| format!("the line: {error}"))?;
        let mut wire = Wire::new(stream);
        let started = wire.started().map_err(|why| format!("{why}\n{}", emulator.logs.since(0).join("\n")))?;
        Ok(self.running.insert(Running { emulator, wire, screen, started }))
    }

    /// Takes its power away, at whatever it is.
    pub fn cut_power(&mut self) {
        self.running = None;
    }

    /// The device, which has to have power.
    ///
    /// # Errors
    /// It has none.
    pub fn running(&mut self) -> Outcome<&mut Running> {
        self.running.as_mut().ok_or_else(|| "the device has no power".to_owned())
    }

    /// What it has logged since it was started.
    pub fn logs(&self) -> Logs {
        self.running.as_ref().map(|running| running.emulator.logs.clone()).unwrap_or_default()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.running = None;
        if let Some(folder) = &self.folder {
            // What is left over in the folder for temporary files harms nobody.
            _ = fs::remove_dir_all(folder);
        }
    }
}

impl Running {
    /// Sets its clock, which stands still from then on if `held`.
    ///
    /// # Errors
    /// It does not answer.
    pub fn set_clock(&mut self, time: Time, held: bool) -> Outcome<()> {
        match self.wire.ask(&Request::Clock { time, held })? {
            Answer::Done => Ok(()),
            other => Err(format!("setting the clock was answered with {other:?}")),
        }
    }

    /// How it is.
    ///
    /// # Errors
    /// It does not say.
    pub fn state(&mut self) -> Outcome<State> {
        match self.wire.ask(&Request::State)? {
            Answer::State(state) => Ok(state),
            other => Err(format!("how are you was answered with {other:?}")),
        }
    }

    /// Waits until a panel's second line says this, with the trouble light on; or nothing, with the light off.
    ///
    /// # Errors
    /// What is seen instead.
    pub fn shows_trouble(&mut self, words: &str) -> Outcome<View> {
        // What it was asked before has been looked at when it answers again.
        self.state()?;
        let is_right = |view: &View| {
            let View { lines: [_, second], outputs: [.., trouble], .. } = view;
            second == words && *trouble != words.is_empty()
        };
        self.screen
            .wait(LONGEST_LOOK, is_right)
            .map_err(|seen| format!("{words:?} is not shown with the light that goes with it: {seen:?}"))
    }
}

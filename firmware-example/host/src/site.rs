//! A site for the bench: its policy, its keys, and everybody's names.

use std::path::{Path, PathBuf};

use keyholder::time::{Instant, Time};
use keyholder_line::identity::Identity;
use keyholder_simulator::compile::Policy;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::request::{Question, Reader, Request};
use keyholder_simulator::rig::{Disk, Rig, read_policy};
use keyholder_simulator::seal::{Label, seal};
use keyholder_simulator::tape;
use serde_json::Value;

use crate::emulator::{Firmware, Language};
use crate::replay::identity_of;
use crate::wire::Answer;
use crate::{Outcome, at};

/// A site with keys that everybody knows.
pub struct Site {
    path: PathBuf,
    keys: Keys,
    rig: Rig,
    firmware: Firmware,
    identity: Identity,
}

impl Site {
    /// The site or receiver of a policy file. If it is a site, its panel is written in `language`.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of(path: &Path, language: Language) -> Outcome<Self> {
        tape::start();
        let rig = Rig::set_up(&Disk, path, None);
        let lines = tape::stop().unwrap_or_default();
        let rig = rig.map_err(|complaint| complaint.to_string())?;
        // The tape tells the keys that the simulator made up.
        let made = lines.lines().next().ok_or_else(|| "no device was made".to_owned())?;
        let (firmware, identity) = identity_of(made, None, language)?;
        Ok(Self { path: path.to_owned(), keys: Keys::throw_away(), rig, firmware, identity })
    }

    /// Which firmware runs there.
    pub const fn firmware(&self) -> Firmware {
        self.firmware
    }

    /// What the factory gives its device. The keypad opens and closes areas of system 1: all of them for `areas` 0.
    pub const fn identity(&self, areas: u32) -> Identity {
        Identity { areas, ..self.identity }
    }

    /// Its policy file, as short as it can be said from here.
    pub fn path(&self) -> PathBuf {
        let whole = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let here = std::env::current_dir().ok();
        here.and_then(|here| whole.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or(whole)
    }

    /// The name people call it.
    pub fn name(&self) -> &str {
        &self.rig.names.device
    }

    fn policy(&self, path: &Path) -> Outcome<Policy> {
        read_policy(&Disk, path, &self.keys).map(|(_, policy)| policy).map_err(|complaint| complaint.to_string())
    }

    /// Its policy as a blob with that sequence.
    ///
    /// # Errors
    /// The file is no longer right.
    pub fn blob(&self, sequence: u64) -> Outcome<Vec<u8>> {
        self.blob_of(&self.path, sequence)
    }

    /// Another policy of it as a blob.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn blob_of(&self, path: &Path, sequence: u64) -> Outcome<Vec<u8>> {
        let policy = self.policy(path)?;
        let label = Label { sequence, issued_at: Instant(0), expires_at: Instant::LATEST };
        seal(&policy.rows, &self.keys, &label).map_err(at(path.display()))
    }

    /// The instant of a local time, as in "2026-11-23 08:31".
    ///
    /// # Errors
    /// It is none.
    pub fn instant(&self, text: &str) -> Outcome<Instant> {
        self.rig.reader().instant(text, None)
    }

    /// Asks the firmware what a JSON object asks, at the time it says.
    ///
    /// # Errors
    /// It is no request, or there is no answer.
    pub fn ask(&self, json: &str, running: &mut crate::bench::Running) -> Outcome<Answer> {
        use keyholder_line::request::Request as Line;
        let Request { at, question } = self.read(json)?;
        running.set_clock(at, false)?;
        let request = match question {
            Question::Engineer(request) => Line::Engineer(request),
            Question::BeginSession(request) => Line::BeginSession(request),
            Question::EndSession(request) => Line::EndSession(request),
            Question::Update(request) => Line::Update(request),
            _ => return Err("a script asks about engineers; codes it types".to_owned()),
        };
        running.wire.ask(&request)
    }

    fn read(&self, json: &str) -> Outcome<Request> {
        let object = match serde_json::from_str(json) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return Err("this is no JSON object".to_owned()),
            Err(error) => return Err(format!("this is no JSON: {error}")),
        };
        let reader: Reader<'_> = self.rig.reader();
        reader.read(object).map_err(|error| format!("{}: {}", error.field.unwrap_or_default(), error.message))
    }

    /// The time of the computer this runs on.
    pub fn now() -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).map_or(Time::Unknown, |seconds| Time::Known(Instant(seconds)))
    }
}

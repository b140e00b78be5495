//! A device on the bench: with a policy on it, the keys of its cloud at hand, and everybody's names.

use std::io;
use std::path::{Path, PathBuf};

use keyholder::OpenClose;
use keyholder::act::ActRequest;
use keyholder::blob::{HEAD_LENGTH, Head, Installed};
use keyholder::time::{Instant, Time};

use crate::answer::Answer;
use crate::compile::{Policy, compile};
use crate::complaint::{Complaint, Document};
use crate::device::Device;
use crate::key_file::Keys;
use crate::names::CalledNames;
use crate::policy_file::{PolicyFile, Size};
use crate::request::{Question, Reader, Request};
use crate::seal::{Label, seal};
use crate::snapshot::Rows;

/// Where files come from.
pub trait Shelf {
    /// The bytes of a file.
    ///
    /// # Errors
    /// It cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// Files on disk.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Shelf for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// Reads a file of text.
///
/// # Errors
/// It cannot be read, or is not text.
pub fn read_text(shelf: &dyn Shelf, path: &Path) -> Result<String, Complaint> {
    let bytes = shelf.read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
    String::from_utf8(bytes).map_err(|_| Complaint::about(path, "this is not text", "give a TOML file here"))
}

/// Reads and compiles a policy file.
///
/// # Errors
/// What is wrong with it.
pub fn read_policy(shelf: &dyn Shelf, path: &Path, keys: &Keys) -> Result<(String, Policy), Complaint> {
    let text = read_text(shelf, path)?;
    let document = Document { path, text: &text };
    let policy =
        PolicyFile::read(&text).and_then(|file| compile(&file, &keys.code_key())).map_err(|mistake| document.complaint(mistake))?;
    Ok((text, policy))
}

/// Seals `policy` and lets a new device install it, so that the core judges it too.
///
/// # Errors
/// What the device finds wrong, told of the file.
pub fn seal_checked(path: &Path, text: &str, policy: &Policy, keys: &Keys, label: &Label) -> Result<(Vec<u8>, Device), Complaint> {
    let blob = seal(&policy.rows, keys, label).map_err(|error| Complaint::about(path, error.to_string(), ""))?;
    let mut device = Device::new(policy.rows.kind(), policy.rows.recipient(), policy.size, keys);
    if let Some(clock) = &policy.clock {
        device.set_clock(clock.clone());
    }
    match device.install(&blob, Time::Unknown) {
        Ok(_) => Ok((blob, device)),
        Err(refusal) => Err(Document { path, text }.complaint(policy.explain(&refusal))),
    }
}

/// A device, its keys and everybody's names.
pub struct Rig {
    /// The device.
    pub device: Device,
    /// What people call everybody.
    pub names: CalledNames,
    /// The file its policy came from, and what there is to say about that.
    pub origin: Origin,
    keys: Keys,
}

/// Where a device's first policy came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// Bytes of its blob.
    pub length: usize,
    /// What its author should know.
    pub warnings: Vec<Complaint>,
}

impl Rig {
    /// A device with the policy of a file: a policy file or a blob. Without `keys` there are throw-away keys, which fit policy files only.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn set_up(shelf: &dyn Shelf, path: &Path, keys: Option<Keys>) -> Result<Self, Complaint> {
        if is_policy_file(path) {
            Self::of_policy_file(shelf, path, keys.unwrap_or_else(Keys::throw_away))
        } else {
            let keys = keys.ok_or_else(|| {
                Complaint::about(
                    path,
                    "nobody can tell whether to trust this blob without its key",
                    "add `--key` with the key file it was sealed with",
                )
            })?;
            Self::of_blob(shelf, path, keys)
        }
    }

    fn of_policy_file(shelf: &dyn Shelf, path: &Path, keys: Keys) -> Result<Self, Complaint> {
        let (text, policy) = read_policy(shelf, path, &keys)?;
        let (blob, device) = seal_checked(path, &text, &policy, &keys, &label(1))?;
        let document = Document { path, text: &text };
        let warnings = policy.warnings.iter().map(|warning| document.complaint(warning.clone())).collect();
        Ok(Self { device, names: policy.names, origin: Origin { path: path.to_owned(), length: blob.len(), warnings }, keys })
    }

    fn of_blob(shelf: &dyn Shelf, path: &Path, keys: Keys) -> Result<Self, Complaint> {
        let blob = shelf.read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
        let refuse = |refusal| Complaint::about(path, format!("a device refuses this blob: {refusal}"), "seal its policy file anew");
        let head = Head::read(&blob).map_err(refuse)?;
        let mut device = Device::new(head.kind, head.recipient, Size::Large, &keys);
        // At unknown time a blob that has expired by now is taken: whoever asks may ask about the time before.
        device.install(&blob, Time::Unknown).map_err(refuse)?;
        let names = CalledNames { device: path.display().to_string(), ..CalledNames::default() };
        Ok(Self { device, names, origin: Origin { path: path.to_owned(), length: blob.len(), warnings: Vec::new() }, keys })
    }

    /// Reads requests to the device.
    pub const fn reader(&self) -> Reader<'_> {
        Reader { device: &self.device, date: None }
    }

    /// Asks the device. Files that are to be installed come from `shelf`, relative to `directory`.
    ///
    /// # Errors
    /// Such a file cannot be read or is wrong.
    pub fn ask(&mut self, request: &Request, shelf: &dyn Shelf, directory: &Path) -> Result<Answer, Complaint> {
        let (device, at) = (&mut self.device, request.at);
        let decision = match &request.question {
            Question::OpenClose { asker, action, place, remote, armed_by, in_alarm } => {
                let armed_by = armed_by.unwrap_or_else(|| device.armer(*place));
                let (remote, in_alarm) = (*remote, *in_alarm);
                let request = OpenClose { who: asker.who(), action: *action, place: *place, remote, armed_by, in_alarm };
                // A receiver's requests are refused when they are read.
                device.open_close(&request, at).unwrap_or(keyholder::Decision::REFUSED)
            }
            Question::Act { asker, act, remote } => {
                device.act(&ActRequest { who: asker.who(), act: *act, remote: *remote }, at).unwrap_or(keyholder::Decision::REFUSED)
            }
            Question::Engineer(request) => device.engineer(request, at),
            Question::BeginSession(request) => device.begin_session(request, at),
            Question::EndSession(request) => device.end_session(request, at),
            Question::Update(request) => device.update(request, at),
            Question::Tick { armed } => {
                if let Some(armed) = armed {
                    device.set_all_armed(*armed);
                }
                return Ok(Answer::Due(device.supervise(at)));
            }
            Question::Install(path) => return self.install(shelf, &directory.join(path), at),
        };
        Ok(Answer::Decision(decision))
    }

    fn install(&mut self, shelf: &dyn Shelf, path: &Path, at: Time) -> Result<Answer, Complaint> {
        let (blob, names) = if is_policy_file(path) {
            let (_, policy) = read_policy(shelf, path, &self.keys)?;
            let label = label(self.device.sequence().unwrap_or(0).saturating_add(1));
            let blob = seal(&policy.rows, &self.keys, &label).map_err(|error| Complaint::about(path, error.to_string(), ""))?;
            (blob, Some(policy.names))
        } else {
            (shelf.read(path).map_err(|error| Complaint::of_io(path, "read", &error))?, None)
        };
        match self.device.install(&blob, at) {
            Ok(installed) => {
                if let (Installed::Now, Some(names)) = (installed, names) {
                    self.names = names;
                }
                Ok(Answer::Installed { installed, sequence: self.device.sequence().unwrap_or(0) })
            }
            Err(refusal) => Ok(Answer::Refused(refusal)),
        }
    }
}

fn label(sequence: u64) -> Label {
    Label { sequence, issued_at: Instant(0), expires_at: Instant::LATEST }
}

/// Whether the file is a policy file, going by its name.
pub fn is_policy_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// The rows of a blob, whoever wrote it.
///
/// # Errors
/// It is no blob this keyholder can read.
pub fn read_blob(path: &Path, blob: &[u8]) -> Result<(Head, Rows), Complaint> {
    let refuse = |message: String| Complaint::about(path, message, "give a blob that `keyholder seal` wrote");
    let head = Head::read(blob).map_err(|refusal| refuse(refusal.to_string()))?;
    let policy = blob.get(HEAD_LENGTH..).unwrap_or_default();
    let rows =
        Rows::decode(head.kind, policy).ok_or_else(|| refuse("its policy cannot be read: it was altered or cut short".to_owned()))?;
    Ok((head, rows))
}

//! A device on the bench: with a policy on it, the keys of its cloud at hand, and everybody's names.

use std::io;
use std::path::{Path, PathBuf};

use keyholder::act::ActRequest;
use keyholder::blob::{ClockCorrection, HEAD_LENGTH, Head, Installed, KeyChange, KeyRole, Kind, Refusal};
use keyholder::time::{Instant, Time};
use keyholder::{OpenClose, StandardPanel, StandardReceiver};

use crate::answer::Answer;
use crate::compile::{Policy, compile};
use crate::complaint::{Complaint, Document, Mistake};
use crate::device::Device;
use crate::key_file::Keys;
use crate::names::CalledNames;
use crate::patch::Patch;
use crate::policy_file::{PolicyFile, Size};
use crate::request::{Question, Reader, Request, Signer};
use crate::seal::{Base, Label, NoPatch, seal, seal_clock_correction, seal_key_change, seal_patch};
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
    let mut policy =
        PolicyFile::read(&text).and_then(|file| compile(&file, &keys.code_key())).map_err(|mistake| document.complaint(mistake))?;
    let warning = too_large_for_standard(&policy);
    policy.warnings.extend(warning);
    Ok((text, policy))
}

/// A warning where the file does not say how large its device is and only a large one has room: the library makes standard ones.
fn too_large_for_standard(policy: &Policy) -> Option<Mistake> {
    if policy.says_size {
        return None;
    }
    let (keys, recipient) = (Keys::throw_away(), policy.rows.recipient());
    let blob = seal(&policy.rows, &keys, &label(1, Time::Unknown)).ok()?;
    // The core's own devices: a trial has no place on the tape.
    let cloud = keyholder::blob::Keys::only(keys.public());
    let refusal = match &policy.rows {
        Rows::Panel(_) => {
            let mut panel = Box::new(StandardPanel::new(recipient, cloud, keys.code_key()));
            panel.install(&blob, Time::Unknown).err()
        }
        Rows::Receiver(_) => {
            let mut receiver = Box::new(StandardReceiver::new(recipient, cloud));
            receiver.install(&blob, Time::Unknown).err()
        }
    };
    match refusal? {
        Refusal::DoesNotFit { part, rows, capacity } => {
            let mistake = policy.does_not_fit(part, rows, capacity, Size::Standard);
            let hint = "write `size = \"large\"` if the device is a large one, or remove some".to_owned();
            Some(Mistake { message: format!("{}; nothing says of what `size` this one is", mistake.message), hint, ..mistake })
        }
        _ => None,
    }
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
    cloud: Cloud,
    /// The policies it has had: which one a patch changes, its digest tells.
    policies: Vec<Base>,
}

/// The keys of a device's cloud.
struct Cloud {
    signing: Keys,
    recovery: Option<Keys>,
    /// The signing key that was replaced last.
    retired: Option<Keys>,
}

impl Cloud {
    const fn of(signing: Keys) -> Self {
        Self { signing, recovery: None, retired: None }
    }

    const fn key(&self, signer: Signer) -> Option<&Keys> {
        match signer {
            Signer::Signing => Some(&self.signing),
            Signer::Recovery => self.recovery.as_ref(),
            Signer::Retired => self.retired.as_ref(),
        }
    }

    /// The keys that come next in a role, the same in every run.
    fn next(&self, role: KeyRole) -> Keys {
        match (role, &self.recovery) {
            (KeyRole::Signing, _) => self.signing.throw_away_successor(),
            (KeyRole::Recovery, Some(recovery)) => recovery.throw_away_successor(),
            // Far from the signing keys that may still come.
            (KeyRole::Recovery, None) => self.signing.throw_away_recovery(),
        }
    }

    fn change(&mut self, role: KeyRole, keys: Keys) {
        match role {
            KeyRole::Signing => self.retired = Some(std::mem::replace(&mut self.signing, keys)),
            KeyRole::Recovery => self.recovery = Some(keys),
        }
    }
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
            Self::of_blob(shelf, path, keys)
        }
    }

    fn of_policy_file(shelf: &dyn Shelf, path: &Path, keys: Keys) -> Result<Self, Complaint> {
        if !keys.can_sign() {
            return Err(no_signing_key(path, "leave out `--key`: a policy file does without"));
        }
        let (text, policy) = read_policy(shelf, path, &keys)?;
        let (blob, device) = seal_checked(path, &text, &policy, &keys, &label(1, Time::Unknown))?;
        let document = Document { path, text: &text };
        let warnings = policy.warnings.iter().map(|warning| document.complaint(warning.clone())).collect();
        Ok(Self::new(device, policy.names, Origin { path: path.to_owned(), length: blob.len(), warnings }, keys, &blob))
    }

    fn of_blob(shelf: &dyn Shelf, path: &Path, keys: Option<Keys>) -> Result<Self, Complaint> {
        let blob = shelf.read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
        let refuse = |refusal| Complaint::about(path, format!("a device refuses this blob: {refusal}"), "seal its policy file anew");
        let head = Head::read(&blob).map_err(|refusal| match refusal {
            Refusal::NotABlob => {
                let message = if blob.is_empty() { "this file is empty" } else { "this is no whole blob, nor a policy file by its name" };
                Complaint::about(path, message, "give a blob that `keyholder seal` wrote, or a policy file, whose name ends with .toml")
            }
            refusal => refuse(refusal),
        })?;
        let keys = keys.ok_or_else(|| {
            let message = "nobody can tell whether to trust this blob without its key";
            Complaint::about(path, message, "add `--key` with the key file it was sealed with")
        })?;
        if head.kind.is_patch() || !head.kind.is_policy() {
            let hint = "give a snapshot here, and this to `--requests` in an install";
            return Err(Complaint::about(path, "there is no whole policy in this blob", hint));
        }
        let mut device = Device::new(head.kind, head.recipient, Size::Large, &keys);
        // At unknown time a blob that has expired by now is taken: whoever asks may ask about the time before.
        device.install(&blob, Time::Unknown).map_err(refuse)?;
        let names = CalledNames { device: path.display().to_string(), ..CalledNames::default() };
        Ok(Self::new(device, names, Origin { path: path.to_owned(), length: blob.len(), warnings: Vec::new() }, keys, &blob))
    }

    /// The device has installed `blob`.
    fn new(device: Device, names: CalledNames, origin: Origin, keys: Keys, blob: &[u8]) -> Self {
        let mut rig = Self { device, names, origin, cloud: Cloud::of(keys), policies: Vec::new() };
        rig.remember(blob, None);
        rig
    }

    /// Reads requests to the device.
    pub const fn reader(&self) -> Reader<'_> {
        Reader { device: &self.device, date: None }
    }

    /// Asks the device. Files that are to be installed come from `shelf`, relative to `directory`.
    ///
    /// # Errors
    /// Such a file cannot be read or is wrong, or the device does not start again.
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
            Question::Install { path, signer } => return self.install(shelf, &directory.join(path), *signer, at),
            Question::Patch { path, signer } => return self.patch(shelf, &directory.join(path), *signer, at),
            Question::ChangeKey { role, signer } => return self.change_key(*role, *signer, at),
            Question::CorrectClock { to, floor, signer } => return self.correct_clock(*to, *floor, *signer, at),
            Question::PowerCycle => {
                device.power_cycle().map_err(|error| {
                    let message = format!("the device does not start again: {error}");
                    Complaint::about(&self.origin.path, message, "let its flash work before its power fails")
                })?;
                return Ok(Answer::Booted(Box::new(device.holding())));
            }
            Question::WearOut(is_worn_out) => {
                device.wear_out_flash(*is_worn_out);
                return Ok(Answer::Done);
            }
            Question::Report => {
                // Firmware collects what falls due.
                device.supervise(at);
                return Ok(Answer::Report(device.report(at)));
            }
        };
        Ok(Answer::Decision(decision))
    }

    fn install(&mut self, shelf: &dyn Shelf, path: &Path, signer: Signer, at: Time) -> Result<Answer, Complaint> {
        if !is_policy_file(path) {
            let blob = shelf.read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
            return Ok(self.give(&blob, at));
        }
        let keys = self.key(signer, path)?;
        let (_, policy) = read_policy(shelf, path, keys)?;
        let blob = seal(&policy.rows, keys, &self.next_label(at)).map_err(|error| Complaint::about(path, error.to_string(), ""))?;
        Ok(self.give_policy(&blob, policy.names, at))
    }

    fn patch(&mut self, shelf: &dyn Shelf, path: &Path, signer: Signer, at: Time) -> Result<Answer, Complaint> {
        let keys = self.key(signer, path)?;
        let (_, policy) = read_policy(shelf, path, keys)?;
        let base = self.base().ok_or_else(|| Complaint::about(path, "there is no policy to patch", "let it `install` one first"))?;
        let blob = seal_patch(base, &policy.rows, keys, &self.next_label(at)).map_err(|error| {
            let (message, hint) = error.explain();
            let hint = if matches!(error, NoPatch::TooMany(_)) { "let it `install` the file instead".to_owned() } else { hint };
            Complaint::about(path, message, hint)
        })?;
        Ok(self.give_policy(&blob, policy.names, at))
    }

    fn change_key(&mut self, role: KeyRole, signer: Signer, at: Time) -> Result<Answer, Complaint> {
        let path = &self.origin.path;
        let next = self.cloud.next(role);
        let change = KeyChange { role, key: next.public() };
        let blob = seal_key_change(&change, self.device.recipient(), self.key(signer, path)?, &self.next_label(at));
        let blob = blob.map_err(|error| Complaint::about(path, error.to_string(), ""))?;
        let answer = self.give(&blob, at);
        if answer.is_positive() {
            self.cloud.change(role, next);
        }
        Ok(answer)
    }

    fn correct_clock(&mut self, to: Instant, floor: Option<Instant>, signer: Signer, at: Time) -> Result<Answer, Complaint> {
        let path = &self.origin.path;
        let correction = ClockCorrection { floor: floor.unwrap_or_else(|| self.device.holding().floor) };
        let label = Label { issued_at: to, ..self.next_label(at) };
        let blob = seal_clock_correction(&correction, self.device.recipient(), self.key(signer, path)?, &label);
        let blob = blob.map_err(|error| Complaint::about(path, error.to_string(), ""))?;
        Ok(self.give(&blob, at))
    }

    fn key(&self, signer: Signer, path: &Path) -> Result<&Keys, Complaint> {
        let none = || Complaint::about(path, format!("nobody has a {} key to sign with", signer.word()), "let `key_change` set one first");
        let keys = self.cloud.key(signer).ok_or_else(none)?;
        if keys.can_sign() { Ok(keys) } else { Err(no_signing_key(path, "give `--key` a key file that has it, or `install` blobs only")) }
    }

    /// For the blob that comes next.
    fn next_label(&self, at: Time) -> Label {
        label(self.device.holding().latest.unwrap_or(0).saturating_add(1), at)
    }

    /// The policy that decides.
    fn base(&self) -> Option<&Base> {
        // The same policy may have come under several sequences.
        let decides = self.device.provenance()?;
        self.policies.iter().find(|base| base.provenance == decides)
    }

    fn give_policy(&mut self, blob: &[u8], names: CalledNames, at: Time) -> Answer {
        let answer = self.give(blob, at);
        if matches!(answer, Answer::Blob { outcome: Ok(Installed::Now), .. }) {
            self.names = names;
        }
        answer
    }

    fn give(&mut self, blob: &[u8], at: Time) -> Answer {
        let base = self.base().cloned();
        let outcome = self.device.install(blob, at);
        if outcome == Ok(Installed::Now) {
            self.remember(blob, base.as_ref());
        }
        Answer::Blob { outcome, acknowledgement: Box::new(self.device.acknowledge(blob, &outcome)) }
    }

    fn remember(&mut self, blob: &[u8], base: Option<&Base>) {
        let Ok(head) = Head::read(blob) else { return };
        let content = blob.get(HEAD_LENGTH..).unwrap_or_default();
        self.policies.extend(if head.kind.is_patch() {
            base.and_then(|base| base.patched(&head, content))
        } else {
            Base::of_blob(&head, content)
        });
    }
}

fn no_signing_key(path: &Path, hint: &str) -> Complaint {
    Complaint::about(path, "this has to be sealed, and the key file has no signing key", hint)
}

/// A throw-away label: of a policy that was there from the start nobody knows how old it is.
const fn label(sequence: u64, at: Time) -> Label {
    let issued_at = match at {
        Time::Known(at) => at,
        Time::Unknown => Instant(0),
    };
    Label { sequence, issued_at, expires_at: Instant::LATEST }
}

/// Whether the file is a policy file, going by its name.
pub fn is_policy_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// What a blob carries.
#[derive(Clone, Debug)]
pub enum Content {
    /// A whole policy.
    Policy(Rows),
    /// What changes in one.
    Patch(Patch),
    /// Another key.
    KeyChange(KeyChange),
    /// The wrong reading of a clock.
    ClockCorrection(ClockCorrection),
}

/// What a blob carries, whoever wrote it.
///
/// # Errors
/// It is no blob this keyholder can read.
pub fn read_blob(path: &Path, blob: &[u8]) -> Result<(Head, Content), Complaint> {
    let refuse = |message: String| Complaint::about(path, message, "give a blob that `keyholder` wrote");
    let head = Head::read(blob).map_err(|refusal| refuse(refusal.to_string()))?;
    let bytes = blob.get(HEAD_LENGTH..).unwrap_or_default();
    let content = match head.kind {
        Kind::PanelSnapshot | Kind::ReceiverSnapshot => Rows::decode(head.kind, bytes).map(Content::Policy),
        Kind::PanelPatch | Kind::ReceiverPatch => Patch::decode(head.kind, bytes).map(Content::Patch),
        Kind::KeyChange => whole(bytes).map(Content::KeyChange),
        Kind::ClockCorrection => whole(bytes).map(Content::ClockCorrection),
    };
    let content = content.ok_or_else(|| refuse("its content cannot be read: it was altered or cut short".to_owned()))?;
    Ok((head, content))
}

fn whole<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

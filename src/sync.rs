//! What a device tells the cloud: what it holds and what it refused, and what has happened that only the device knows.
//!
//! Both messages are postcard and begin with [`FORMAT_VERSION`]. They are not signed: send them over a channel that tells who is speaking.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::blob::{FORMAT_VERSION, Head, Installed, KeyId, Provenance, Refusal};
use crate::contact::UserNumber;
use crate::device::inside::{Device, Subject};
use crate::engineer::{GrantId, SiteId};
use crate::ledger::access::{LOCAL_GRANTS, LocalGrant, Privacy, REVOCATIONS};
use crate::ledger::panel::{LOCAL_SPANS, LOCAL_WINDOWS, LocalWindow, Lockout, OnTest, TESTS};
use crate::ledger::topic::Writer;
use crate::schedule::LocalSpan;
use crate::store::Damage;
use crate::supervise::Due;
use crate::time::{Instant, Time};

/// Most deadlines in one report; the rest goes into the next.
pub const DUES: usize = 16;
/// Most contacts suspended at the keypad that one report names.
pub const SUSPENDED: usize = 32;
/// An acknowledgement takes at most so many bytes.
pub const ACKNOWLEDGEMENT_BYTES: usize = 160;
/// A report takes at most so many bytes.
pub const REPORT_BYTES: usize = 2560;

/// What a device holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Holding {
    /// The device: its site or receiver id.
    pub device: SiteId,
    /// The policy that decides, if one does.
    pub policy: Option<Provenance>,
    /// The highest sequence accepted; above the policy's after a key change, or when the device had to fall back to an older policy: send the latest again.
    pub latest: Option<u64>,
    /// The signing key it obeys.
    pub signing: KeyId,
    /// The recovery key it obeys.
    pub recovery: Option<KeyId>,
    /// The highest clock reading it has seen: what a clock correction has to name.
    pub floor: Instant,
    /// What is wrong with its flash.
    pub damage: Damage,
}

/// A device's answer to a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Acknowledgement {
    /// [`FORMAT_VERSION`].
    pub version: u8,
    /// What it holds now.
    pub holding: Holding,
    /// The blob's sequence, if its head could be read.
    pub sequence: Option<u64>,
    /// Why it was refused, if it was.
    pub refusal: Option<Refusal>,
}

impl Acknowledgement {
    /// The message's bytes, written into `buffer`. `None`: the buffer has fewer than [`ACKNOWLEDGEMENT_BYTES`].
    pub fn write<'a>(&self, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        let mut writer = Writer::into(buffer);
        writer.put(self);
        writer.written()
    }
}

/// What the cloud learns from a device's report. This is the form to read one into; a device writes it without holding it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT_VERSION`].
    pub version: u8,
    /// What it holds.
    pub holding: Holding,
    /// The time of the report, if the device knows it.
    pub at: Option<Instant>,
    /// Seconds since its policy was issued, if it knows the time: how long somebody may have kept newer ones from it.
    pub policy_age: Option<u64>,
    /// Deadlines that have passed and that it was given to report.
    pub dues: Vec<Due, DUES>,
    /// Grants given at the keypad, with their sessions and revocations.
    pub grants: Vec<LocalGrant, LOCAL_GRANTS>,
    /// Revoked grants of the cloud.
    pub revocations: Vec<GrantId, REVOCATIONS>,
    /// Every id up to this one counts as revoked.
    pub revoked_up_to: GrantId,
    /// Lifts and restorations of the restriction at the keypad.
    pub privacy: Privacy,
    /// Wrong codes and lockout. The rest is empty on a receiver.
    pub lockout: Lockout,
    /// Contacts suspended at the keypad.
    pub suspended: Vec<UserNumber, SUSPENDED>,
    /// Extensions and temporary spans set at the keypad.
    pub spans: Vec<LocalSpan, LOCAL_SPANS>,
    /// Temp-open windows opened at the keypad.
    pub windows: Vec<LocalWindow, LOCAL_WINDOWS>,
    /// What is on test.
    pub tests: Vec<OnTest, TESTS>,
}

pub(crate) fn holding<D: Device>(device: &D, damage: Damage) -> Holding {
    let Subject { id, trust, installed } = device.subject();
    Holding {
        device: *id,
        policy: *installed,
        latest: trust.latest.map(|latest| latest.sequence),
        signing: trust.keys.signing.id(),
        recovery: trust.keys.recovery.map(|key| key.id()),
        floor: device.floor(),
        damage,
    }
}

pub(crate) fn acknowledge<D: Device>(device: &D, blob: &[u8], outcome: &Result<Installed, Refusal>, damage: Damage) -> Acknowledgement {
    Acknowledgement {
        version: FORMAT_VERSION,
        holding: holding(device, damage),
        sequence: Head::read(blob).ok().map(|head| head.sequence),
        refusal: outcome.err(),
    }
}

/// Writes a [`Report`]. `None`: the buffer is too small.
pub(crate) fn report<'a, D: Device>(device: &D, dues: &[Due], time: Time, damage: Damage, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let now = device.read(time);
    let at = now.known.then_some(now.instant);
    let age = |at: Instant| device.subject().installed.map(|installed| at.0.saturating_sub(installed.issued_at.0).max(0) as u64);
    let mut writer = Writer::into(buffer);
    writer.put(&FORMAT_VERSION);
    writer.put(&holding(device, damage));
    writer.put(&at);
    writer.put(&at.and_then(age));
    writer.put(dues.get(..dues.len().min(DUES))?);
    device.tell_cloud(&mut writer);
    writer.written()
}

//! What C gets back.

use core::ffi::c_char;

use keyholder::blob::{Head, Installed, Provenance, Refusal};
use keyholder::contact::UserNumber;
use keyholder::engineer::{EngineerId, GrantId, SiteId};
use keyholder::place::Areas;
use keyholder::report::{Event, Report};
use keyholder::supervise::{Due, Supervision};
use keyholder::sync::Acknowledgement;
use keyholder::time::Instant;
use keyholder::{Decision, Verdict};

use crate::boundary::{Input, Output, read};
use crate::number::{kh_event, kh_fault, kh_part, kh_reason};
use crate::request::kh_area_list;
use crate::value::*;

/// A Contact ID event, `Q XYZ GG CCC` of SIA DC-05, without the account.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_contact_id {
    /// XYZ: the event code; 0 if DC-05 has none for the report.
    pub event: u16,
    /// CCC: the user number, 0 if none, and with code 630, which has a zone there.
    pub user: u16,
    /// Q: 1 new event or opening, 3 restore or closing; 0 if there is no event code.
    pub qualifier: u8,
    /// GG: the lowest area concerned, 0 if none.
    pub group: u8,
}

/// What to report. Nothing, if `event` is KH_EVENT_NOTHING.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_report {
    /// In which areas of `system`: bit n - 1 is area n.
    pub areas: u32,
    /// Which engineer is concerned; 0 if none.
    pub engineer: u32,
    /// Which site, if an engineer is concerned; 0 if none.
    pub site: u32,
    /// Which grant is concerned; 0 if none.
    pub grant: u32,
    /// The report as Contact ID.
    pub contact_id: kh_contact_id,
    /// By whom; 0 if it is not a contact's doing.
    pub user: u16,
    /// What happened.
    pub event: kh_event,
    /// In which system, 1..=8; 0 if it concerns no areas.
    pub system: u8,
    /// The report as two letters of SIA DC-03 and a NUL; empty if it has no code for it.
    pub sia: [c_char; 3],
    /// Always 0: it fills the structure up, so that no byte of it is left as it was.
    pub reserved: [u8; 3],
}

/// The answer to a question, why, what to report, and until when it holds.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_decision {
    /// The first instant at which an allow no longer holds; KH_FOR_EVER where the tables set no end, KH_NEVER for a refusal.
    pub until: kh_instant,
    /// When what was opened within a temp-open window has to be closed again; KH_FOR_EVER if that is not so, KH_NEVER for a refusal.
    pub close_by: kh_instant,
    /// Whether it may go ahead: if equal to KH_ALLOW or KH_ALLOW_WITH_VIOLATION.
    pub verdict: kh_verdict,
    /// The grant that decided or got furthest; 0 if none did.
    pub grant: u32,
    /// What to report.
    pub report: kh_report,
    /// Who was recognised, whatever the verdict; 0 if nobody.
    pub user: u16,
    /// What a refused engineer may still do here.
    pub left: kh_capabilities,
    /// Why, exactly: for the log.
    pub reason: kh_reason,
    /// Why, for the keypad.
    pub public_reason: kh_public_reason,
    /// Always 0: it fills the structure up, so that no byte of it is left as it was.
    pub reserved: [u8; 2],
}

/// What has fallen due.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_due {
    /// When it fell due; KH_NEVER if nothing did.
    pub at: kh_instant,
    /// What to report.
    pub report: kh_report,
    /// Whether anything did, and whether to ask again.
    pub kind: kh_due_kind,
    /// Always 0: it fills the structure up, so that no byte of it is left as it was.
    pub reserved: [u8; 7],
}

/// What became of a blob. The status says whether it was refused and why; here are the particulars, and what to tell the cloud.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_installation {
    /// The sequence of the policy that decides after the call; 0 if there is none.
    pub sequence: u64,
    /// Of KH_STALE: the sequence that the blob's is not above. After a key change or a clock correction that is another than `sequence`.
    pub passed: u64,
    /// Of KH_POLICY_AWAITED: how many bytes of the blob are still to come.
    pub remaining: u32,
    /// Of KH_TOO_LONG: the longest blob of that kind there is room for now, in bytes.
    pub room: u32,
    /// Of KH_DOES_NOT_FIT: how many rows `part` has.
    pub rows: u32,
    /// Of KH_DOES_NOT_FIT: how many fit.
    pub capacity: u16,
    /// Of KH_INVALID_POLICY: which row of `part`, from 0.
    pub row: u16,
    /// What became of it.
    pub outcome: kh_outcome,
    /// Of KH_DOES_NOT_FIT and KH_INVALID_POLICY: in which part of the policy.
    pub part: kh_part,
    /// Of KH_INVALID_POLICY: what is wrong with the row.
    pub fault: kh_fault,
    /// Of KH_NEWER_FORMAT: the format version it has.
    pub version: u8,
    /// Of KH_NEWER_FORMAT: the kind it has.
    pub kind: kh_blob_kind,
    /// Bytes of `acknowledgement`; 0 if there is none: the blob is still on its way, or the call was not carried out.
    pub acknowledgement_length: u8,
    /// The device's answer to the blob, in postcard, for the cloud: what it holds now, and why it refused the blob if it did.
    pub acknowledgement: [u8; KH_ACKNOWLEDGEMENT_BYTES],
    /// Always 0: it fills the structure up, so that no byte of it is left as it was.
    pub reserved: [u8; 2],
}

/// The policy a device decides on.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_provenance {
    /// Its blob's sequence.
    pub sequence: u64,
    /// When it was made.
    pub issued_at: kh_instant,
    /// SHA-256 of the policy; after a patch, of the digest before it and the patch.
    pub digest: [u8; 32],
}

/// What the head of a blob says. It proves nothing about who wrote it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_head {
    /// Rises with every blob for that recipient.
    pub sequence: u64,
    /// Of a patch: the sequence of the policy that it changes; else 0.
    pub base: u64,
    /// When the blob was made.
    pub issued_at: kh_instant,
    /// The first instant at which it may no longer be installed; KH_FOR_EVER: it always may.
    pub expires_at: kh_instant,
    /// The site or receiver it is for.
    pub recipient: u32,
    /// Length of what follows the head, in bytes; the blob has KH_HEAD_BYTES more.
    pub length: u32,
    /// The key it claims to be signed with: the first 8 bytes of the SHA-256 of the public key.
    pub key: [u8; 8],
    /// SHA-256 of what follows the head; of a patch, of its base's digest and that.
    pub digest: [u8; 32],
    /// What the blob carries.
    pub kind: kh_blob_kind,
    /// Always 0: it fills the structure up, so that no byte of it is left as it was.
    pub reserved: [u8; 7],
}

/// The library that was linked.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_library {
    /// Bytes of a kh_panel.
    pub panel_size: u32,
    /// Bytes of a kh_receiver.
    pub receiver_size: u32,
    /// Alignment of both, in bytes.
    pub alignment: u32,
    /// Major, minor and patch version.
    pub version: [u16; 3],
    /// The blob format it reads.
    pub blob_format: u8,
    /// 1 if it has the names of reasons and events, else 0.
    pub has_names: u8,
}

impl Output for kh_contact_id {
    const REFUSING: Self = Self { event: 0, user: 0, qualifier: 0, group: 0 };
}

impl Output for kh_report {
    const REFUSING: Self = Self {
        areas: 0,
        engineer: 0,
        site: 0,
        grant: 0,
        contact_id: kh_contact_id::REFUSING,
        user: 0,
        event: 0,
        system: 0,
        sia: [0; 3],
        reserved: [0; 3],
    };
}

impl Output for kh_decision {
    const REFUSING: Self = Self {
        until: KH_NEVER,
        close_by: KH_NEVER,
        verdict: KH_DENY,
        grant: 0,
        report: kh_report::REFUSING,
        user: 0,
        left: 0,
        reason: 0,
        public_reason: KH_PUBLIC_NOT_ACCEPTED,
        reserved: [0; 2],
    };
}

impl Output for kh_due {
    const REFUSING: Self = Self { at: KH_NEVER, report: kh_report::REFUSING, kind: KH_DUE_NOTHING, reserved: [0; 7] };
}

impl Output for kh_installation {
    const REFUSING: Self = Self {
        sequence: 0,
        passed: 0,
        remaining: 0,
        room: 0,
        rows: 0,
        capacity: 0,
        row: 0,
        outcome: KH_POLICY_UNCHANGED,
        part: 0,
        fault: 0,
        version: 0,
        kind: 0,
        acknowledgement_length: 0,
        acknowledgement: [0; KH_ACKNOWLEDGEMENT_BYTES],
        reserved: [0; 2],
    };
}

impl Output for kh_provenance {
    const REFUSING: Self = Self { sequence: 0, issued_at: KH_NEVER, digest: [0; 32] };
}

impl Output for kh_head {
    const REFUSING: Self = Self {
        sequence: 0,
        base: 0,
        issued_at: KH_NEVER,
        expires_at: KH_NEVER,
        recipient: 0,
        length: 0,
        key: [0; 8],
        digest: [0; 32],
        kind: 0,
        reserved: [0; 7],
    };
}

impl Output for kh_library {
    const REFUSING: Self = Self { panel_size: 0, receiver_size: 0, alignment: 0, version: [0; 3], blob_format: 0, has_names: 0 };
}

/// No areas.
impl Output for kh_area_list {
    const REFUSING: Self = Self { systems: [0; 8] };
}

/// An id or a date; 0 is none.
impl Output for u32 {
    const REFUSING: Self = 0;
}

impl Output for kh_date {
    const REFUSING: Self = 0;
}

/// A time; unknown, whatever depends on it is refused.
impl Output for kh_instant {
    const REFUSING: Self = KH_TIME_UNKNOWN;
}

/// Whatever a device may find wrong.
impl Output for kh_damage {
    const REFUSING: Self = KH_DAMAGE_UNKNOWN;
}

/// A length; 0 is nothing.
impl Output for usize {
    const REFUSING: Self = 0;
}

/// A name; what refuses is the empty one, which can be printed too.
impl Output for *const c_char {
    const REFUSING: Self = c"".as_ptr();
}

impl From<Report> for kh_report {
    fn from(report: Report) -> Self {
        let contact_id = report.contact_id().map_or(kh_contact_id::REFUSING, |id| kh_contact_id {
            event: id.event,
            user: id.user,
            qualifier: id.qualifier,
            group: id.group,
        });
        let mut sia = [0; 3];
        for (slot, letter) in sia.iter_mut().zip(report.sia().unwrap_or("").bytes().take(2)) {
            *slot = letter as c_char;
        }
        Self {
            areas: report.areas.0,
            engineer: report.engineer.0,
            site: report.site.0,
            grant: report.grant.0,
            contact_id,
            user: report.user.0,
            event: report.event as u8,
            system: report.system,
            sia,
            reserved: [0; 3],
        }
    }
}

impl From<Decision> for kh_decision {
    fn from(decision: Decision) -> Self {
        let none = if decision.is_allowed() { Instant::LATEST } else { Instant::EARLIEST };
        Self {
            until: decision.until.unwrap_or(none).0,
            close_by: decision.close_by.unwrap_or(none).0,
            verdict: match decision.verdict {
                Verdict::Deny => KH_DENY,
                Verdict::Allow => KH_ALLOW,
                Verdict::AllowWithViolation => KH_ALLOW_WITH_VIOLATION,
            },
            grant: decision.grant.0,
            report: decision.report.into(),
            user: decision.user.0,
            left: decision.left.bits(),
            reason: decision.reason as u8,
            public_reason: decision.public_reason() as u8,
            reserved: [0; 2],
        }
    }
}

impl From<Supervision> for kh_due {
    fn from(supervision: Supervision) -> Self {
        match supervision {
            Supervision::Due(due) => Self { at: due.at.0, report: due.report.into(), kind: KH_DUE_REPORT, reserved: [0; 7] },
            Supervision::AskAgain => Self { kind: KH_DUE_ASK_AGAIN, ..Self::REFUSING },
            Supervision::Nothing => Self::REFUSING,
        }
    }
}

impl From<Provenance> for kh_provenance {
    fn from(provenance: Provenance) -> Self {
        Self { sequence: provenance.sequence, issued_at: provenance.issued_at.0, digest: provenance.digest.0 }
    }
}

impl From<Head> for kh_head {
    fn from(head: Head) -> Self {
        Self {
            sequence: head.sequence,
            base: head.base,
            issued_at: head.issued_at.0,
            expires_at: head.expires_at.0,
            recipient: head.recipient.0,
            length: head.length,
            key: head.key.0,
            digest: head.digest.0,
            kind: head.kind as u8,
            reserved: [0; 7],
        }
    }
}

impl kh_installation {
    /// What became of a blob that is done with, and the answer to it.
    pub(crate) fn of(result: &Result<Installed, Refusal>, answer: &Acknowledgement) -> (kh_status, Self) {
        let sequence = answer.holding.policy.map_or(0, |policy| policy.sequence);
        let mut acknowledgement = [0; KH_ACKNOWLEDGEMENT_BYTES];
        let acknowledgement_length = answer.write(&mut acknowledgement).map_or(0, |bytes| bytes.len() as u8);
        let unchanged = Self { sequence, acknowledgement_length, acknowledgement, ..Self::REFUSING };
        match result {
            Ok(Installed::Now) => (KH_OK, Self { outcome: KH_POLICY_INSTALLED, ..unchanged }),
            Ok(Installed::Already) => (KH_OK, Self { outcome: KH_POLICY_ALREADY_INSTALLED, ..unchanged }),
            Err(refusal) => (status_of(refusal), unchanged.with_particulars(refusal)),
        }
    }

    /// A blob is on its way.
    pub(crate) fn awaits(remaining: u32, installed: Option<&Provenance>) -> (kh_status, Self) {
        let sequence = installed.map_or(0, |provenance| provenance.sequence);
        (KH_OK, Self { sequence, remaining, outcome: KH_POLICY_AWAITED, ..Self::REFUSING })
    }

    fn with_particulars(self, refusal: &Refusal) -> Self {
        match *refusal {
            Refusal::Stale { installed } => Self { passed: installed, ..self },
            Refusal::NewerFormat { version, kind } => Self { version, kind, ..self },
            Refusal::DoesNotFit { part, rows, capacity } => Self { part: part as u8, rows, capacity, ..self },
            Refusal::Invalid(invalid) => Self { part: invalid.part as u8, row: invalid.row, fault: invalid.fault as u8, ..self },
            Refusal::TooLong { room } => Self { room, ..self },
            _ => self,
        }
    }
}

// SAFETY: integers and arrays of them.
unsafe impl Input for kh_due {}

impl kh_due {
    /// The deadline again, to be told to the cloud. What its report says in Contact ID and SIA is not read: it follows from the rest.
    pub(crate) fn due(&self) -> Result<Due, kh_status> {
        let kh_report { areas, engineer, site, grant, user, event, system, .. } = self.report;
        let deadlines =
            [Event::FailedToOpen, Event::FailedToClose, Event::TempOpenOverrun, Event::TestEnded, Event::GrantEnded, Event::SessionEnded];
        let event = deadlines.into_iter().find(|known| *known as u8 == event).ok_or(KH_BAD_VALUE)?;
        let is_somewhere = system <= KH_SYSTEMS && (system != 0 || areas == 0);
        if self.kind != KH_DUE_REPORT || self.at == KH_NEVER || user > KH_LARGEST_USER || !is_somewhere {
            return Err(KH_BAD_VALUE);
        }
        let report = Report {
            event,
            user: UserNumber(user),
            system,
            areas: Areas(areas),
            engineer: EngineerId(engineer),
            site: SiteId(site),
            grant: GrantId(grant),
        };
        Ok(Due { at: Instant(self.at), report })
    }
}

/// Deadlines that C wants told to the cloud.
pub(crate) struct Dues {
    all: [Due; KH_REPORT_DUES],
    count: usize,
}

impl Dues {
    pub(crate) fn list(&self) -> &[Due] {
        self.all.get(..self.count).unwrap_or(&[])
    }
}

/// The deadlines that the caller passes.
///
/// # Safety
/// `dues` is NULL, misaligned, or valid for reading `count` of them.
pub(crate) unsafe fn read_dues(dues: *const kh_due, count: usize) -> Result<Dues, kh_status> {
    let mut list = Dues { all: [Due { at: Instant::EARLIEST, report: Report::NOTHING }; KH_REPORT_DUES], count };
    if count > KH_REPORT_DUES {
        return Err(KH_BAD_LENGTH);
    }
    for (index, slot) in list.all.iter_mut().take(count).enumerate() {
        // SAFETY: `index` is below `count`, and if `dues` is NULL or misaligned it is found out at the first, which is not moved.
        *slot = unsafe { read(dues.add(index)) }?.due()?;
    }
    Ok(list)
}

/// The status that stands for a refused blob.
pub(crate) fn status_of(refusal: &Refusal) -> kh_status {
    match refusal {
        Refusal::NotABlob => KH_NOT_A_BLOB,
        Refusal::NewerFormat { .. } => KH_NEWER_FORMAT,
        Refusal::WrongRecipient(_) => KH_WRONG_RECIPIENT,
        Refusal::UnknownKey(_) => KH_UNKNOWN_KEY,
        Refusal::BadSignature => KH_BAD_SIGNATURE,
        Refusal::Stale { .. } => KH_STALE,
        Refusal::Expired => KH_EXPIRED,
        Refusal::DoesNotFit { .. } => KH_DOES_NOT_FIT,
        Refusal::Invalid(_) => KH_INVALID_POLICY,
        Refusal::OtherBase { .. } => KH_OTHER_BASE,
        Refusal::TooLong { .. } => KH_TOO_LONG,
        Refusal::NotKept => KH_NOT_KEPT,
        // The core may refuse for more reasons in time; C then learns that it was refused.
        _ => KH_REFUSED,
    }
}

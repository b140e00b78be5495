//! Who asks, and whether that person counts at all: rows 1 to 6, which every request of a contact passes.

use crate::code::{Code, CodeKey, Digest, Passcode};
use crate::contact::{Contact, Permissions, UseLimit, UserNumber};
use crate::decision::{Outcome, Reason, Rows, deny, table};
use crate::ledger::panel::{ContactRecord, Lockout, PanelMemory};
use crate::mask::select;
use crate::policy::panel::{PanelPolicy, Site, SiteOptions};
use crate::report::Event;
use crate::table::{Row, find_slot_of_id};
use crate::time::{Date, Instant, Now};

/// How a request says who asks.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Who<'a> {
    /// Somebody else has authenticated the person.
    User(UserNumber),
    /// A code was typed.
    Code(&'a Code),
    /// A user number and its code were typed.
    UserAndCode(UserNumber, &'a Code),
    /// A passcode was told. Counts for every act but opening and closing.
    Passcode(&'a Passcode),
    /// A user number and its passcode were told.
    UserAndPasscode(UserNumber, &'a Passcode),
}

/// The credential of a request, found in the tables.
#[derive(Clone, Copy)]
pub(crate) struct Asker {
    /// Whether a code or passcode had to be right.
    typed: bool,
    /// The contact; nobody if there is none or the code is another's.
    user: UserNumber,
}

impl Asker {
    /// Somebody else has made sure who it is.
    pub(crate) const fn authenticated(user: UserNumber) -> Self {
        Self { typed: false, user }
    }
}

/// Finds whose credential it is. One digest and one scan of all slots, whatever was typed.
///
/// A passcode stands in for the code, so where a code needs its user number a passcode does too.
///
/// `owner` tells who has a digest, of a code or else of a passcode.
#[inline(always)]
pub(crate) fn identify(
    who: &Who<'_>,
    key: &CodeKey,
    options: SiteOptions,
    accepts_passcode: bool,
    owner: impl Fn(bool, Digest) -> UserNumber,
) -> Asker {
    // Which words the request uses is no secret; who it is and whether the code is right decide no branch.
    let (is_code, alone, claimed, typed) = match who {
        Who::User(user) => return Asker::authenticated(*user),
        Who::Code(code) => (true, true, UserNumber::NOBODY, code.as_typed()),
        Who::UserAndCode(user, code) => (true, false, *user, code.as_typed()),
        Who::Passcode(passcode) => (false, true, UserNumber::NOBODY, passcode.as_typed()),
        Who::UserAndPasscode(user, passcode) => (false, false, *user, passcode.as_typed()),
    };
    let owner = owner(is_code, key.digest(typed));
    let enough = alone & !options.contains(SiteOptions::USER_AND_CODE);
    let agrees = enough | (claimed.0 == owner.0);
    Asker { typed: true, user: UserNumber(select(agrees & (is_code | accepts_passcode), owner.0, 0)) }
}

/// A person who asks, and what follows for rows 1 to 6.
pub(crate) struct Person<'a> {
    /// The contact; that of nobody if the person is unknown.
    pub(crate) contact: &'a Contact,
    /// Its slot in the policy.
    pub(crate) slot: usize,
    /// What is remembered about it.
    pub(crate) record: ContactRecord,
    /// The wrong codes after this request.
    pub(crate) lockout: Lockout,
    /// The end of the minutes from first use; for ever without such a limit.
    pub(crate) minutes_end: Instant,
    /// The rows, to be followed by those of the request.
    pub(crate) rows: Rows<Outcome>,
}

/// What rows 1 to 6 have to know of a request.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// Asked remotely, not at the keypad.
    pub(crate) remote: bool,
    /// An opening: the only thing a limit per day is about.
    pub(crate) opening: bool,
    /// The local date, if the time is known.
    pub(crate) date: Date,
}

impl<'a> Person<'a> {
    #[inline(always)]
    pub(crate) fn new(policy: &PanelPolicy<'a>, memory: &PanelMemory<'_>, asker: Asker, manner: Manner, now: Now) -> Self {
        let (slot, contact) = find_slot_of_id(policy.contacts, u32::from(asker.user.0));
        let record = ContactRecord::of(memory.records, slot, contact);
        let known = contact.is_somebody();
        let locked_out = asker.typed & (memory.lockout.until.0 > now.instant.0);
        let wrong_code = asker.typed & !known;
        let (after_wrong, trips) = one_more_wrong(&memory.lockout, policy.site, now);
        let lockout = Lockout::NONE.or(wrong_code, after_wrong).or(locked_out | !asker.typed, memory.lockout);

        let flags = contact.permissions;
        let suspended = flags.has(Permissions::SUSPENDED) | record.suspended;
        let validity = contact.validity;
        let limit_minutes = contact.limit.minutes();
        let minutes = limit_minutes != 0;
        let per_day = manner.opening & matches!(contact.limit, UseLimit::OncePerDay);
        let once = matches!(contact.limit, UseLimit::Once);
        let first_use = record.first_use.0.min(now.instant.0);
        let minutes_end = Instant(select(minutes, Instant(first_use).plus(i64::from(limit_minutes) * 60).0, i64::MAX));
        let used_up = (once & record.used) | (per_day & (record.opened_on.0 >= manner.date.0)) | (minutes_end.0 <= now.instant.0);

        let rows = table! { Outcome:
            locked_out => deny(Reason::LockedOut, Event::Nothing),
            wrong_code & trips => deny(Reason::UnknownCode, Event::WrongCodes),
            wrong_code => deny(Reason::UnknownCode, Event::UnknownDenied),
            !known => deny(Reason::UnknownUser, Event::UnknownDenied),
            suspended => deny(Reason::Suspended, Event::KnownDenied),
            !now.known & !validity.is_unbounded() => deny(Reason::TimeUnknown, Event::TimeDenied),
            now.known & (now.instant.0 < validity.from.0) => deny(Reason::NotYetValid, Event::KnownDenied),
            now.known & (now.instant.0 >= validity.until.0) => deny(Reason::Expired, Event::KnownDenied),
            flags.has(Permissions::POWERLESS) => deny(Reason::Powerless, Event::LegalCodeEntry),
            flags.has(Permissions::REMOTE_ONLY) & !manner.remote => deny(Reason::RemoteOnly, Event::KnownDenied),
            !now.known & (minutes | per_day) => deny(Reason::TimeUnknown, Event::TimeDenied),
            used_up => deny(Reason::UsedUp, Event::KnownDenied),
        };
        // A lockout is silent: it does not even tell whose code it was.
        let contact = select(locked_out, Contact::EMPTY, contact);
        Self { contact, slot, record, lockout, minutes_end, rows }
    }
}

/// The wrong codes after one more, and whether that starts a lockout.
fn one_more_wrong(lockout: &Lockout, site: &Site, now: Now) -> (Lockout, bool) {
    let at_each = lockout.has_locked & site.options.contains(SiteOptions::LOCKOUT_AT_EACH_FURTHER);
    let limit = select(at_each, 1, site.wrong_code_limit);
    let wrong = lockout.wrong.saturating_add(1);
    // A device that is not set up has the limit 0, which is none.
    let trips = limit.wrapping_sub(1) < wrong;
    let until = now.instant.plus(i64::from(site.lockout_seconds));
    let after = Lockout {
        wrong: select(trips, 0, wrong),
        has_locked: lockout.has_locked | trips,
        until: Instant(select(trips, until.0, lockout.until.0)),
    };
    (after, trips)
}

//! Engineers: what they may do on a site, and their sessions there.

use crate::contact::UserNumber;
use crate::decision::{Decision, Outcome, Reason, Rows, Verdict, allow, deny, table};
use crate::engineer::{
    AccessOptions, Capabilities, Engineer, EngineerId, GRANTS_PER_ENGINEER_AND_SITE, Grant, GrantId, SiteAccess, SiteId, Standing,
};
use crate::ledger::access::{AccessDeed, AccessMemory, LocalGrant, Privacy, Session};
use crate::mask::{Mask, select, unwrapped};
use crate::policy::access::Access;
use crate::report::{Event, Report};
use crate::table::{at, find_id, lower_bound};
use crate::time::{Instant, Now};
use crate::zone::{DAY, whole_days};

/// May this engineer do this on this site now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EngineerRequest {
    /// Who.
    pub engineer: EngineerId,
    /// Where.
    pub site: SiteId,
    /// What: every one of these has to be covered. Nothing asked for is nothing granted.
    pub capabilities: Capabilities,
}

/// A session to begin or to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SessionRequest {
    /// Who.
    pub engineer: EngineerId,
    /// Where.
    pub site: SiteId,
}

/// Rows 1 to 3, which every question about an engineer passes.
pub(crate) struct Gate<'a> {
    pub(crate) engineer: &'a Engineer,
    pub(crate) site: &'a SiteAccess,
    /// When the site shuts again by itself; for ever if it does not.
    pub(crate) open_until: Instant,
    /// To be followed by those of the request. Their event is that of an engineer who is refused.
    pub(crate) rows: Rows<Outcome>,
}

impl<'a> Gate<'a> {
    pub(crate) fn new(access: &Access<'a>, memory: &AccessMemory<'_>, engineer: EngineerId, site: SiteId, now: Now) -> Self {
        let engineer = find_id(access.engineers, engineer.0);
        let site = find_id(access.sites, site.0);
        let standing = |flag: Standing| engineer.standing.bits() & flag.bits() != 0;
        let federated = standing(Standing::FEDERATED);
        let restricted = is_restricted(site, &memory.privacy, now) & !federated;
        let open_until = Instant(select(federated, i64::MAX, end_of_lift(site, now).0));
        let rows = table! { Outcome:
            engineer.id.0 == 0 => denied(Reason::UnknownEngineer),
            !standing(Standing::REGISTERED) => denied(Reason::NotRegistered),
            standing(Standing::SUSPENDED) => denied(Reason::Suspended),
            site.id.0 == 0 => denied(Reason::UnknownSite),
            restricted => denied(Reason::SiteRestricted),
        };
        Self { engineer, site, open_until, rows }
    }

    /// Whether none of the rows has hit.
    pub(crate) fn is_passed(&self) -> bool {
        self.rows.is_passed()
    }
}

const fn denied(reason: Reason) -> Outcome {
    deny(reason, Event::EngineerDenied)
}

/// Minutes from a midnight of UTC to the one of UTC-5 at which sites with cameras become restricted again (Stratocast).
const RESET_MINUTE: i32 = 5 * 60;

/// When the day that it is at `now` ends: at the next reset.
fn next_reset(now: Instant) -> Instant {
    let day = whole_days((now.minute() + DAY - RESET_MINUTE) as u32);
    Instant::from_minute(day as i32 * DAY + RESET_MINUTE)
}

/// When a lift that holds now ends by itself.
pub(crate) fn end_of_lift(site: &SiteAccess, now: Now) -> Instant {
    let option = |flag: AccessOptions| site.options.bits() & flag.bits() != 0;
    Instant(select(option(AccessOptions::CAMERAS) & !option(AccessOptions::EXEMPT), next_reset(now.instant).0, i64::MAX))
}

/// Whether the site shuts out those it can shut out.
fn is_restricted(site: &SiteAccess, privacy: &Privacy, now: Now) -> bool {
    let option = |flag: AccessOptions| site.options.bits() & flag.bits() != 0;
    let cameras = option(AccessOptions::CAMERAS);
    // A lift counts if it came after the restriction and, where there are cameras, after yesterday.
    let yesterday = next_reset(now.instant).0 - 86_401;
    let after = privacy.restricted_at.0.max(select(cameras, yesterday, i64::MIN));
    let holds = |lifted_at: Instant| (after < lifted_at.0) & (lifted_at.0 <= now.instant.0);
    let is_lifted = (!cameras | now.known) & (holds(unwrapped(&site.lifted_at, Instant::EARLIEST)) | holds(privacy.lifted_at));
    let restored = privacy.restricted_at.0 != i64::MIN;
    let shuts = cameras | option(AccessOptions::RESTRICTED) | restored;
    shuts & !is_lifted & !option(AccessOptions::EXEMPT)
}

/// The grant that speaks for an engineer on a site.
#[derive(Clone, Copy)]
pub(crate) struct Best {
    /// How far down the rows it got: the row that failed, [`ALLOWS`] or more if none did.
    row: u32,
    reason: Reason,
    id: GrantId,
    /// When what it allows ends.
    pub(crate) until: Instant,
    /// Whether a session is running under it.
    pub(crate) is_running: bool,
    /// The one that is running, or was, or is to be begun.
    session: Session,
}

const ALLOWS: u32 = 10;

/// What grants are judged by.
struct Judge<'a> {
    engineer: &'a Engineer,
    site: &'a SiteAccess,
    now: Now,
    /// What is asked to be covered.
    asked: u16,
    begins: bool,
    finds_running: bool,
    /// Seconds of the site's longest session, and what makes any instant the latest if there is none.
    longest: i64,
    without_longest: i64,
}

/// A grant, and what is remembered of it.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    grant: &'a Grant,
    session: &'a Session,
    revoked: bool,
}

impl<'a> Candidate<'a> {
    fn of_policy(access: &Access<'a>, memory: &AccessMemory<'a>, index: usize) -> Self {
        let grant = at(access.grants, index);
        let (session, revoked) = memory.recall(grant.id);
        Self { grant, session, revoked }
    }

    const fn local(local: &'a LocalGrant) -> Self {
        Self { grant: &local.grant, session: &local.session, revoked: local.revoked }
    }
}

impl Best {
    /// Looks at every grant of `engineer` for `site`.
    pub(crate) fn of(
        access: &Access<'_>,
        memory: &AccessMemory<'_>,
        engineer: &Engineer,
        site: &SiteAccess,
        now: Now,
        purpose: Purpose,
    ) -> Self {
        let asked = match purpose {
            Purpose::Use(capabilities) => capabilities.bits(),
            Purpose::Begin | Purpose::FindRunning => 0,
        };
        let begins = matches!(purpose, Purpose::Begin);
        let finds_running = matches!(purpose, Purpose::FindRunning);
        let longest = i64::from(site.longest_session) * 60;
        let without_longest = select(longest == 0, i64::MAX, 0);
        let judge = Judge { engineer, site, now, asked, begins, finds_running, longest, without_longest };
        let first = lower_bound(access.grants, Grant::key_of(engineer.id, site.id));
        let mut best = Rank::LEAST;
        for index in 0..GRANTS_PER_ENGINEER_AND_SITE {
            best = best.better(judge.rank(&Candidate::of_policy(access, memory, first + index)), index);
        }
        for (index, local) in (GRANTS_PER_ENGINEER_AND_SITE..).zip(memory.grants) {
            best = best.better(judge.rank(&Candidate::local(local)), index);
        }
        // What more there is to know is worked out of the best alone.
        let index = best.index as usize;
        let of_policy = Candidate::of_policy(access, memory, first + index % GRANTS_PER_ENGINEER_AND_SITE);
        // A device without a keypad has none.
        let local = index.wrapping_sub(GRANTS_PER_ENGINEER_AND_SITE).min(memory.grants.len().saturating_sub(1));
        let local = memory.grants.get(local).map_or(of_policy, Candidate::local);
        judge.judge(&select(index < GRANTS_PER_ENGINEER_AND_SITE, of_policy, local))
    }

    pub(crate) fn allows(&self) -> bool {
        self.row >= ALLOWS
    }
}

/// How a grant stands among others: the further down the rows the better; of those that allow, the longer; of those alike, the older one.
#[derive(Clone, Copy)]
struct Rank {
    row: u32,
    until: i64,
    id: u32,
    /// Among those looked at.
    index: u32,
}

impl Rank {
    const LEAST: Self = Self { row: 0, until: 0, id: 0, index: 0 };

    const fn order(&self) -> u128 {
        let until = self.until as u64 ^ 1 << 63;
        (self.row as u128) << 96 | (until as u128) << 32 | !self.id as u128
    }

    fn better(self, other: Self, index: usize) -> Self {
        let is_better = other.order() > self.order();
        let is_better = Mask::of(is_better);
        Self {
            row: is_better.select(other.row, self.row),
            until: is_better.select(other.until, self.until),
            id: is_better.select(other.id, self.id),
            index: is_better.select(index as u32, self.index),
        }
    }
}

impl Judge<'_> {
    /// The rows of a grant, and its session.
    #[inline(never)]
    fn stand(&self, candidate: &Candidate<'_>) -> Stand {
        let Self { engineer, site, now, .. } = *self;
        let Candidate { grant, session, revoked } = *candidate;
        let theirs = (grant.id.0 != 0) & (grant.engineer.0 == engineer.id.0) & (grant.site.0 == site.id.0);
        let begun = session.is_begun();
        // Without a session it says nothing.
        let limit = session.begun.0.wrapping_add(self.longest) | self.without_longest;
        let session_end = session.ended.0.min(limit);
        let is_over = session_end <= now.instant.0;
        let begin_by = unwrapped(&grant.begin_by, Instant::LATEST);
        let covered = grant.capabilities.bits() & !grant.excluded.bits();
        let runs = begun & !is_over;
        let rows = table! { (u32, Reason):
            !theirs => (0, Reason::NoGrant),
            now.instant.0 < grant.period.from.0 => (6, Reason::NotYetValid),
            now.instant.0 >= grant.period.until.0 => (6, Reason::Expired),
            revoked => (6, Reason::Revoked),
            !begun & (now.instant.0 >= begin_by.0) => (7, Reason::BeginMissed),
            grant.one_time & begun & is_over => (8, Reason::UsedUp),
            (self.asked & !covered != 0) | (self.finds_running & !runs) => (9, Reason::NotGranted),
            true => (ALLOWS, Reason::Granted),
        };
        let (row, reason) = rows.first_or((0, Reason::NoGrant));
        let is_running = runs & (rows.hits == 1);
        let begins = self.begins & !is_running;
        // The first instant at which the answer would turn. Another use of a grant that is not one-time may follow a session at once.
        let by_session = is_running & (grant.one_time | self.begins | self.finds_running);
        let new_end = (now.instant.0 + self.longest) | self.without_longest;
        let end = select(by_session, session_end, select(begins, new_end, select(begun, i64::MAX, begin_by.0)));
        Stand { row, reason, theirs, is_running, begins, until: end.min(grant.period.until.0) }
    }

    fn rank(&self, candidate: &Candidate<'_>) -> Rank {
        let Stand { row, is_running, until, .. } = self.stand(candidate);
        let allows = row >= ALLOWS;
        // A session that is running is resumed rather than another one begun.
        let row = row + u32::from(is_running & self.begins);
        Rank { row, until: select(allows, until, 0), id: candidate.grant.id.0, index: 0 }
    }

    fn judge(&self, candidate: &Candidate<'_>) -> Best {
        let Stand { row, reason, theirs, is_running, begins, until } = self.stand(candidate);
        let id = GrantId(select(theirs, candidate.grant.id.0, 0));
        let new = Session { grant: id, begun: self.now.instant, ended: Instant::LATEST };
        let session = select(begins, new, *candidate.session);
        Best { row, reason, id, until: Instant(until), is_running, session }
    }
}

/// How a grant and its session stand.
#[derive(Clone, Copy)]
struct Stand {
    row: u32,
    reason: Reason,
    theirs: bool,
    is_running: bool,
    begins: bool,
    until: i64,
}

/// What a grant is looked for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Use(Capabilities),
    Begin,
    FindRunning,
}

/// Puts a decision about an engineer together.
#[inline(never)]
pub(crate) fn conclude(
    outcome: Outcome,
    engineer: EngineerId,
    site: SiteId,
    grant: GrantId,
    until: Instant,
    left: Capabilities,
) -> Decision {
    let is_allowed = outcome.verdict as u8 != Verdict::Deny as u8;
    Decision {
        verdict: outcome.verdict,
        reason: outcome.reason,
        user: UserNumber::NOBODY,
        grant,
        report: Report { event: outcome.event, engineer, site, grant, ..Report::NOTHING },
        until: select(is_allowed, until.ending(), None),
        close_by: None,
        left: select(is_allowed, Capabilities::empty(), left),
    }
}

/// May the engineer do it?
pub(crate) fn decide(access: &Access<'_>, memory: &AccessMemory<'_>, request: &EngineerRequest, now: Now) -> Decision {
    let gate = Gate::new(access, memory, request.engineer, request.site, now);
    let asked = request.capabilities.bits();
    let baseline = gate.site.baseline;
    // A grant is only asked for what the site does not let everybody do.
    let beyond = Capabilities::from_bits_retain(asked & !baseline.bits());
    let best = Best::of(access, memory, gate.engineer, gate.site, now, Purpose::Use(beyond));
    let viewable = (asked != 0) & (asked & !baseline.bits() == 0);
    let rows = table! { Outcome:
        viewable => allow(Reason::ReadOnlyBaseline, Event::EngineerAllowed),
        !now.known => denied(Reason::TimeUnknown),
        !best.allows() => denied(Reason::Invalid),
        asked == 0 => denied(Reason::NotGranted),
        true => allow(Reason::Granted, Event::EngineerAllowed),
    };
    let outcome = gate.rows.then(&rows).because(best.reason);
    let by_grant = gate.is_passed() & !viewable & now.known;
    let grant = GrantId(select(by_grant, best.id.0, 0));
    let until = Instant(select(by_grant, best.until.0, i64::MAX)).min(gate.open_until);
    let left = select(gate.is_passed(), baseline, Capabilities::empty());
    conclude(outcome, request.engineer, request.site, grant, until, left)
}

/// May the engineer begin a session, and which session is then begun?
pub(crate) fn begin(access: &Access<'_>, memory: &AccessMemory<'_>, request: &SessionRequest, now: Now) -> (Decision, AccessDeed) {
    let gate = Gate::new(access, memory, request.engineer, request.site, now);
    let best = Best::of(access, memory, gate.engineer, gate.site, now, Purpose::Begin);
    let rows = table! { Outcome:
        !now.known => denied(Reason::TimeUnknown),
        !best.allows() => denied(Reason::Invalid),
        true => allow(Reason::Granted, Event::SessionBegun),
    };
    let outcome = gate.rows.then(&rows).because(best.reason);
    let begins = matches!(outcome.verdict, Verdict::Allow) && !best.is_running;
    let until = best.until.min(gate.open_until);
    let grant = if gate.is_passed() && now.known { best.id } else { GrantId::NONE };
    let left = if gate.is_passed() { gate.site.baseline } else { Capabilities::empty() };
    let mut decision = conclude(outcome, request.engineer, request.site, grant, until, left);
    if best.is_running && decision.is_allowed() {
        // It has been reported when it began.
        decision.report = Report::NOTHING;
    }
    (decision, if begins { AccessDeed::UseGrant(best.session) } else { AccessDeed::Nothing })
}

/// Ends the engineer's running session. Nobody is kept from leaving, so nothing else is checked.
pub(crate) fn end(access: &Access<'_>, memory: &AccessMemory<'_>, request: &SessionRequest, now: Now) -> (Decision, AccessDeed) {
    let gate = Gate::new(access, memory, request.engineer, request.site, now);
    let best = Best::of(access, memory, gate.engineer, gate.site, now, Purpose::FindRunning);
    let outcome =
        if best.is_running { allow(Reason::Permitted, Event::SessionEnded) } else { deny(Reason::NotFound, Event::EngineerDenied) };
    let grant = if best.is_running { best.id } else { GrantId::NONE };
    let ended = Session { ended: now.instant, ..best.session };
    let deed = if best.is_running { AccessDeed::UseGrant(ended) } else { AccessDeed::Nothing };
    let left = if gate.is_passed() { gate.site.baseline } else { Capabilities::empty() };
    (conclude(outcome, request.engineer, request.site, grant, Instant::LATEST, left), deed)
}

//! What a device remembers about engineers.

use serde::{Deserialize, Serialize};

use crate::contact::UserNumber;
use crate::engineer::{Grant, GrantId};
use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
use crate::ledger::{Flip, Flipped};
use crate::mask::select;
use crate::policy::access::Access;
use crate::table::{Identified, Row, Table, find_id, find_slot_of_id, key_of_id};
use crate::time::Instant;

/// Most grants given at the keypad that are not over. A small panel has room for three.
pub const LOCAL_GRANTS: usize = 8;
/// Most revoked grants remembered one by one; beyond, the oldest ids are remembered as "all up to".
pub const REVOCATIONS: usize = 32;

/// One use of a grant: from its beginning to its end, if it has been ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Session {
    /// The grant that was used; [`GrantId::NONE`]: nothing was begun.
    pub grant: GrantId,
    /// When the last session under it began; [`Instant::LATEST`]: none has.
    pub begun: Instant,
    /// When it was ended; [`Instant::LATEST`] if nobody has.
    pub ended: Instant,
}

impl Session {
    /// Nothing begun.
    pub const NONE: Self = Self { grant: GrantId::NONE, begun: Instant::LATEST, ended: Instant::LATEST };

    /// When it ends under a site's longest session of so many minutes (0: no such limit).
    pub(crate) fn end(&self, longest: u16) -> Instant {
        let limit = Instant(select(longest == 0, i64::MAX, self.begun.plus(i64::from(longest) * 60).0));
        self.ended.min(limit)
    }

    /// A grant that nothing was begun under.
    const fn none_under(grant: GrantId) -> Self {
        Self { grant, begun: Instant::LATEST, ended: Instant(0) }
    }

    pub(crate) fn is_begun(&self) -> bool {
        (self.grant.0 != 0) & (self.begun.0 != i64::MAX)
    }

    fn tell(&self, writer: &mut Writer<'_>) {
        writer.topic(Topic::Session, |writer| writer.put(self));
    }

    /// Nothing began or was ended later than `now`.
    fn bring_below(&mut self, now: Instant) {
        if self.is_begun() {
            self.begun = self.begun.min(now);
            self.ended = if self.ended == Instant::LATEST { self.ended } else { self.ended.min(now) };
        }
    }
}

impl Row for Session {
    const EMPTY: &'static Self = &Self { grant: GrantId::NONE, begun: Instant(0), ended: Instant(0) };
    fn key(&self) -> u64 {
        key_of_id(self.grant.0)
    }
}

impl Identified for Session {
    fn id(&self) -> u32 {
        self.grant.0
    }
}

/// A grant given at the keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocalGrant {
    /// The grant; its id is [`GrantId::NONE`] when the row is free.
    pub grant: Grant,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Its use.
    pub session: Session,
    /// Who gave it.
    pub user: UserNumber,
    /// Which owner of that number.
    pub identity: [u8; 4],
}

impl LocalGrant {
    /// A free row.
    pub const FREE: Self =
        Self { grant: *Grant::NONE, revoked: false, session: *Session::EMPTY, user: UserNumber::NOBODY, identity: [0; 4] };

    /// Whether the row may be used for something else, when everything up to `settled` is reported.
    pub(crate) fn is_over(&self, settled: Instant) -> bool {
        self.grant.id == GrantId::NONE || self.grant.period.until <= settled
    }
}

/// What the site's administrator last did about its restriction at the keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Privacy {
    /// When it was lifted; [`Instant::EARLIEST`] if never.
    pub lifted_at: Instant,
    /// When it was restored; [`Instant::EARLIEST`] if never.
    pub restricted_at: Instant,
}

impl Flip for Privacy {
    fn flip(self) -> Self {
        Self { lifted_at: self.lifted_at.flip(), restricted_at: self.restricted_at.flip() }
    }
}

impl Privacy {
    /// Nothing done.
    pub const UNTOUCHED: Self = Self { lifted_at: Instant::EARLIEST, restricted_at: Instant::EARLIEST };

    /// Whether going over to `next` permits more: a lift may also take back a restriction of the same second.
    fn is_lifted_by(&self, next: &Self) -> bool {
        next.lifted_at != self.lifted_at || next.restricted_at < self.restricted_at
    }
}

/// A revoked grant of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revocation(pub(crate) GrantId);

impl Row for Revocation {
    const EMPTY: &'static Self = &Self(GrantId::NONE);
    fn key(&self) -> u64 {
        key_of_id(self.0.0)
    }
}

impl Identified for Revocation {
    fn id(&self) -> u32 {
        self.0.0
    }
}

/// What a device remembers about engineers.
#[derive(Clone, Debug)]
pub(crate) struct AccessLedger<const GRANTS: usize, const LOCAL: usize> {
    /// The uses of the policy's grants.
    sessions: Table<Session, GRANTS>,
    /// The cloud's grants that were revoked. None is ever forgotten.
    revocations: Table<Revocation, REVOCATIONS>,
    /// Up to this id a grant counts as revoked, unless it has a row among the sessions. Rises when there is one more to remember than there is room for: ids rise,
    /// so what that takes along are the oldest that the policy does not have.
    revoked_up_to: GrantId,
    /// Given at the keypad, if the device has one.
    grants: [LocalGrant; LOCAL],
    /// The id of the next one, counted from [`GrantId::FIRST_LOCAL`].
    next_local: u32,
    privacy: Flipped<Privacy>,
    /// What of the whole ledger has changed since it was last written down.
    pub(crate) touched: Touched,
}

impl<const GRANTS: usize, const LOCAL: usize> AccessLedger<GRANTS, LOCAL> {
    pub(crate) const EMPTY: Self = Self {
        sessions: Table::EMPTY,
        revocations: Table::EMPTY,
        revoked_up_to: GrantId::NONE,
        grants: [LocalGrant::FREE; LOCAL],
        next_local: 0,
        privacy: Flipped(Privacy { lifted_at: Instant(0), restricted_at: Instant(0) }),
        touched: Touched::NOTHING,
    };

    pub(crate) fn view(&self) -> AccessMemory<'_> {
        AccessMemory {
            sessions: self.sessions.slots(),
            revocations: self.revocations.slots(),
            revoked_up_to: self.revoked_up_to,
            grants: &self.grants,
            next_local: self.next_local(),
            privacy: self.privacy.get(),
        }
    }

    /// What takes back what `deed` will permit; nothing if it protects.
    pub(crate) fn reversal_of(&self, deed: &AccessDeed) -> AccessDeed {
        match *deed {
            AccessDeed::Give(_, local) => AccessDeed::TakeAway(local.grant.id),
            AccessDeed::SetPrivacy(privacy) if self.privacy.get().is_lifted_by(&privacy) => AccessDeed::SetPrivacy(self.privacy.get()),
            AccessDeed::UseGrant(session) if session.ended == Instant::LATEST => {
                let local = self.grants.iter().find(|local| local.grant.id == session.grant);
                let before = local.map_or(*find_id(self.sessions.slots(), session.grant.0), |local| local.session);
                AccessDeed::UseGrant(if before.is_begun() { before } else { Session::none_under(session.grant) })
            }
            _ => AccessDeed::Nothing,
        }
    }

    /// Carries out what a decision about engineers changes. `grants` are those of the policy.
    pub(crate) fn apply(&mut self, deed: &AccessDeed, grants: &[Grant]) {
        match *deed {
            AccessDeed::Nothing => {}
            AccessDeed::Give(row, local) => {
                if let Some(slot) = self.grants.get_mut(row) {
                    *slot = local;
                }
                self.count_local_from(GrantId(local.grant.id.0.wrapping_add(1).max(GrantId::FIRST_LOCAL.0)));
                self.touched.touch(Topics::GRANTS, true);
            }
            AccessDeed::TakeAway(id) => {
                for local in self.grants.iter_mut().filter(|local| local.grant.id == id) {
                    *local = LocalGrant::FREE;
                }
            }
            AccessDeed::Revoke(id, ended) => {
                self.end_session(id, ended);
                self.revoke(id, grants);
                self.touched.touch(Topics::GRANTS | Topics::REVOCATIONS, true);
            }
            AccessDeed::SetPrivacy(privacy) => {
                self.privacy = Flipped::of(privacy);
                self.touched.touch(Topics::PRIVACY, true);
            }
            AccessDeed::UseGrant(session) => match self.grants.iter_mut().find(|local| local.grant.id == session.grant) {
                Some(local) => {
                    local.session = if session.is_begun() { session } else { Session::NONE };
                    self.touched.touch(Topics::GRANTS, true);
                }
                None => {
                    // There is room: only sessions of the policy's grants are kept, and it has no more of those.
                    self.sessions.put(session);
                    self.touched.touch(Topics::SESSION, true);
                    self.touched.session = session.grant;
                }
            },
        }
    }

    fn next_local(&self) -> GrantId {
        GrantId(GrantId::FIRST_LOCAL.0.wrapping_add(self.next_local))
    }

    fn count_local_from(&mut self, id: GrantId) {
        self.next_local = id.0.wrapping_sub(GrantId::FIRST_LOCAL.0);
    }

    /// The session under that grant ends then, if it does not before.
    fn end_session(&mut self, id: GrantId, ended: Instant) {
        for local in self.grants.iter_mut().filter(|local| local.grant.id == id) {
            local.session.ended = local.session.ended.min(ended);
        }
        for session in self.sessions.rows_mut().iter_mut().filter(|session| session.grant == id && session.is_begun()) {
            session.ended = session.ended.min(ended);
            self.touched.touch(Topics::SESSION, true);
            self.touched.session = id;
        }
    }

    fn revoke(&mut self, id: GrantId, grants: &[Grant]) {
        for local in &mut self.grants {
            local.revoked |= local.grant.id == id;
        }
        if id < GrantId::FIRST_LOCAL {
            self.remember_revoked(id, grants);
        }
    }

    /// Remembers for good that a grant of the cloud is revoked. `grants` are those of the policy.
    fn remember_revoked(&mut self, id: GrantId, grants: &[Grant]) {
        if self.view().is_revoked(id) || self.revocations.put(Revocation(id)) {
            return;
        }
        let oldest = self.revocations.rows().first().map_or(id, |revocation| revocation.0).min(id);
        // What stands in the policy does not go along with it. (It would if no row were left: those of withdrawn grants may not all be gone yet.)
        for grant in grants.iter().filter(|grant| self.revoked_up_to < grant.id && grant.id < oldest) {
            if find_id(self.sessions.slots(), grant.id.0).grant != grant.id {
                self.sessions.put(Session::none_under(grant.id));
            }
        }
        self.forget_session(oldest);
        self.revoked_up_to = self.revoked_up_to.max(oldest);
        self.revocations.retain(|revocation| revocation.0 > oldest);
        if id > oldest {
            // There is room now: the oldest has left.
            self.revocations.put(Revocation(id));
        }
        self.touched = Touched::EVERYTHING;
    }

    fn forget_session(&mut self, id: GrantId) {
        self.sessions.retain(|session| session.grant != id);
    }

    /// The clock was wrong: nothing has begun later than `now`. What did begins now, and takes as long as it was to take.
    pub(crate) fn bring_below(&mut self, now: Instant) {
        for session in self.sessions.rows_mut() {
            session.bring_below(now);
        }
        for local in &mut self.grants {
            local.session.bring_below(now);
            local.grant.period = local.grant.period.begun_by(now);
        }
        // A lift from after now does not hold anyway; a restriction has to.
        let Privacy { lifted_at, restricted_at } = self.privacy.get();
        let lifted_at = if lifted_at > now { Instant::EARLIEST } else { lifted_at };
        self.privacy = Flipped::of(Privacy { lifted_at, restricted_at: restricted_at.min(now) });
    }

    /// Tells the session that is touched, if one is.
    pub(crate) fn tell_session(&self, touched: &Touched, writer: &mut Writer<'_>) {
        if touched.topics.contains(Topics::SESSION) {
            find_id(self.sessions.slots(), touched.session.0).tell(writer);
        }
    }

    /// Tells the session of that index. `None`: there is none.
    pub(crate) fn tell_session_row(&self, index: usize, writer: &mut Writer<'_>) -> Option<()> {
        self.sessions.rows().get(index)?.tell(writer);
        Some(())
    }

    pub(crate) fn tell(&self, topic: Topic, writer: &mut Writer<'_>) {
        match topic {
            Topic::Grants => {
                writer.put(&self.next_local());
                writer.put_rows(&self.grants, |row| row.grant.id == GrantId::NONE);
            }
            Topic::Revocations => {
                writer.put(&self.revoked_up_to);
                writer.put(self.revocations.rows());
            }
            Topic::Privacy => writer.put(&self.privacy.get()),
            _ => {}
        }
    }

    /// Tells what the cloud wants to know.
    pub(crate) fn tell_cloud(&self, writer: &mut Writer<'_>) {
        writer.put_list(self.grants.iter().filter(|row| row.grant.id != GrantId::NONE));
        writer.put(self.revocations.rows());
        writer.put(&self.revoked_up_to);
        writer.put(&self.privacy.get());
    }

    pub(crate) fn recall(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()> {
        match topic {
            Topic::Session => {
                let session: Session = reader.take()?;
                (session.grant == GrantId::NONE || self.sessions.put(session)).then_some(())?;
            }
            Topic::Grants => {
                self.count_local_from(reader.take()?);
                reader.take_rows(&mut self.grants, LocalGrant::FREE)?;
            }
            Topic::Revocations => {
                self.revoked_up_to = reader.take()?;
                self.revocations.clear();
                for _ in 0..reader.take::<u32>()? {
                    self.revocations.put(reader.take()?).then_some(())?;
                }
            }
            Topic::Privacy => self.privacy = Flipped::of(reader.take()?),
            // A receiver has nothing to tell of the others.
            _ => {}
        }
        Some(())
    }

    /// Forgets all sessions.
    pub(crate) fn forget(&mut self) {
        self.sessions.clear();
    }

    /// Drops what belongs to grants, engineers and contacts that a new policy no longer has.
    pub(crate) fn settle(&mut self, access: &Access<'_>, is_same_person: impl Fn(UserNumber, [u8; 4]) -> bool) {
        let is_withdrawn = |session: &&Session| access.grants.iter().all(|grant| grant.id != session.grant);
        let mut from = GrantId::NONE;
        while let Some(&session) = self.sessions.rows().iter().filter(|session| session.grant >= from).find(is_withdrawn) {
            from = session.grant;
            self.forget_session(session.grant);
            if session.is_begun() {
                // It must not come back unused.
                self.remember_revoked(session.grant, access.grants);
            }
            self.touched = Touched::EVERYTHING;
        }
        let Self { grants, touched, .. } = self;
        for local in grants {
            let engineer_stays = access.engineers.iter().any(|engineer| engineer.id == local.grant.engineer);
            if !(engineer_stays && is_same_person(local.user, local.identity)) {
                touched.touch(Topics::GRANTS, local.grant.id != GrantId::NONE);
                *local = LocalGrant::FREE;
            }
        }
    }
}

/// [`AccessLedger`] of any capacity.
#[derive(Clone, Copy)]
pub(crate) struct AccessMemory<'a> {
    sessions: &'a [Session],
    revocations: &'a [Revocation; REVOCATIONS],
    revoked_up_to: GrantId,
    pub(crate) grants: &'a [LocalGrant],
    pub(crate) next_local: GrantId,
    pub(crate) privacy: Privacy,
}

impl<'a> AccessMemory<'a> {
    /// The last use of a grant of the cloud, and whether the grant was revoked.
    #[inline(never)]
    pub(crate) fn recall(&self, id: GrantId) -> (&'a Session, bool) {
        let session = find_id(self.sessions, id.0);
        let listed = find_slot_of_id(self.revocations, id.0).1.0.0 != 0;
        (session, listed | ((id <= self.revoked_up_to) & (session.grant.0 == 0)))
    }

    pub(crate) fn is_revoked(&self, id: GrantId) -> bool {
        self.recall(id).1
    }

    /// Whether one more grant can be revoked without counting others among the revoked.
    pub(crate) fn has_room_for_revocation(&self) -> bool {
        self.revocations.iter().any(|revocation| revocation.0 == GrantId::NONE)
    }
}

/// What an act or a session changes about engineers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessDeed {
    Nothing,
    /// The grant, and the index of a row that is over or gives way.
    Give(usize, LocalGrant),
    /// What was given is not.
    TakeAway(GrantId),
    /// The grant, and when the session ends that is running under it; [`Instant::LATEST`] if none is.
    Revoke(GrantId, Instant),
    SetPrivacy(Privacy),
    UseGrant(Session),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revocation_is_never_forgotten() {
        let mut ledger = AccessLedger::<4, 2>::EMPTY;
        let ids = || (1..=200).map(|step| GrantId(step * 7919 % 1009 + 1));
        for id in ids() {
            ledger.revoke(id, &[]);
            assert!(ledger.view().is_revoked(id));
        }
        assert!(ids().all(|id| ledger.view().is_revoked(id)));
        assert!(!ledger.view().is_revoked(GrantId(5000)), "newer grants are untouched");
        assert!(!ledger.view().is_revoked(GrantId::FIRST_LOCAL), "and so are local ones");
    }

    #[test]
    fn what_stands_is_not_revoked_along_with_what_is_older_or_newer() {
        let grants = [5, 40, 90, 2000].map(|id| Grant { id: GrantId(id), ..*Grant::NONE });
        let mut ledger = AccessLedger::<4, 2>::EMPTY;
        let used = Session { grant: GrantId(40), begun: Instant(7), ended: Instant::LATEST };
        ledger.apply(&AccessDeed::UseGrant(used), &grants);
        let standing = |ledger: &AccessLedger<4, 2>| grants.map(|grant| !ledger.view().is_revoked(grant.id));
        for id in (1..=400).filter(|id| ![5, 40, 90].contains(id)) {
            ledger.revoke(GrantId(id), &grants);
            assert_eq!(standing(&ledger), [true; 4], "{id}");
        }
        assert_eq!(*ledger.view().recall(GrantId(40)).0, used);
        assert!((1..=400).all(|id| ledger.view().is_revoked(GrantId(id)) != [5, 40, 90].contains(&id)));
        assert!(ledger.view().revocations.iter().all(|revocation| revocation.0.0 > 368), "the oldest are told by one number");

        ledger.revoke(GrantId(40), &grants);
        for id in 401..=800 {
            assert_eq!(standing(&ledger), [true, false, true, true], "{id}");
            ledger.revoke(GrantId(id), &grants);
        }
    }
}

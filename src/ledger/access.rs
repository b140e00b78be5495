//! What a device remembers about engineers.

use serde::{Deserialize, Serialize};

use crate::contact::UserNumber;
use crate::engineer::{Grant, GrantId};
use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
use crate::ledger::{Flip, Flipped};
use crate::mask::select;
use crate::policy::access::Access;
use crate::table::{Identified, Row, Table, find_id, key_of_id};
use crate::time::Instant;

/// Most grants given at the keypad that are not over.
pub const LOCAL_GRANTS: usize = 8;
/// Most revoked grants remembered one by one; beyond, the oldest ids are remembered as "all up to".
pub const REVOCATIONS: usize = 32;

/// One use of a grant: from its beginning to its end, if it has been ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Session {
    /// The grant that was used; [`GrantId::NONE`]: nothing was begun.
    pub grant: GrantId,
    /// When the last session under it began.
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

    pub(crate) fn is_begun(&self) -> bool {
        self.grant.0 != 0
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

/// The cloud's grants that were revoked. None is ever forgotten.
#[derive(Clone, Debug)]
struct Revocations {
    listed: Table<Revocation, REVOCATIONS>,
    /// Every id up to this one counts as revoked. Rises when one more than there is room for has to be remembered: ids
    /// rise, so the grants it takes along are the oldest.
    up_to: GrantId,
}

impl Revocations {
    const NONE: Self = Self { listed: Table::EMPTY, up_to: GrantId::NONE };

    fn add(&mut self, id: GrantId) {
        if id <= self.up_to || self.listed.put(Revocation(id)) {
            return;
        }
        let oldest = self.listed.rows().first().map_or(id, |revocation| revocation.0).min(id);
        self.up_to = oldest;
        self.listed.retain(|revocation| revocation.0 > oldest);
        if id > oldest {
            // There is room now: the oldest has left.
            self.listed.put(Revocation(id));
        }
    }
}

/// What a device remembers about engineers.
#[derive(Clone, Debug)]
pub(crate) struct AccessLedger<const GRANTS: usize, const LOCAL: usize> {
    /// The uses of the policy's grants.
    sessions: Table<Session, GRANTS>,
    revocations: Revocations,
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
        revocations: Revocations::NONE,
        grants: [LocalGrant::FREE; LOCAL],
        next_local: 0,
        privacy: Flipped(Privacy { lifted_at: Instant(0), restricted_at: Instant(0) }),
        touched: Touched::NOTHING,
    };

    pub(crate) fn view(&self) -> AccessMemory<'_> {
        AccessMemory {
            sessions: self.sessions.slots(),
            revocations: self.revocations.listed.slots(),
            revoked_up_to: self.revocations.up_to,
            grants: &self.grants,
            next_local: self.next_local(),
            privacy: self.privacy.get(),
        }
    }

    /// Carries out what a decision about engineers changes.
    pub(crate) fn apply(&mut self, deed: &AccessDeed) {
        match *deed {
            AccessDeed::Nothing => {}
            AccessDeed::Give(grant) => {
                // A row has been found to be over or free; so the one that ended first is.
                if let Some(first) = self.grants.iter_mut().min_by_key(|row| (row.grant.period.until, row.grant.id)) {
                    *first = grant;
                }
                self.count_local_from(GrantId(grant.grant.id.0.wrapping_add(1).max(GrantId::FIRST_LOCAL.0)));
                self.touched.touch(Topics::GRANTS, true);
            }
            AccessDeed::Revoke(id) => {
                self.revoke(id);
                self.touched.touch(Topics::GRANTS | Topics::REVOCATIONS, true);
            }
            AccessDeed::SetPrivacy(privacy) => {
                self.privacy = Flipped::of(privacy);
                self.touched.touch(Topics::PRIVACY, true);
            }
            AccessDeed::UseGrant(session) => match self.grants.iter_mut().find(|local| local.grant.id == session.grant) {
                Some(local) => {
                    local.session = session;
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

    fn revoke(&mut self, id: GrantId) {
        for local in &mut self.grants {
            local.revoked |= local.grant.id == id;
        }
        if id < GrantId::FIRST_LOCAL {
            self.revocations.add(id);
        }
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
                writer.put(&self.revocations.up_to);
                writer.put(self.revocations.listed.rows());
            }
            Topic::Privacy => writer.put(&self.privacy.get()),
            _ => {}
        }
    }

    /// Tells what the cloud wants to know.
    pub(crate) fn tell_cloud(&self, writer: &mut Writer<'_>) {
        writer.put_list(self.grants.iter().filter(|row| row.grant.id != GrantId::NONE));
        writer.put(self.revocations.listed.rows());
        writer.put(&self.revocations.up_to);
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
                self.revocations.up_to = reader.take()?;
                self.revocations.listed.clear();
                for _ in 0..reader.take::<u32>()? {
                    self.revocations.listed.put(reader.take()?).then_some(())?;
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
        let Self { sessions, revocations, grants, touched, .. } = self;
        sessions.retain(|session| {
            let stays = access.grants.iter().any(|grant| grant.id == session.grant);
            if !stays {
                // A grant that was used and then withdrawn must not come back unused.
                revocations.add(session.grant);
                *touched = Touched::EVERYTHING;
            }
            stays
        });
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
    revocations: &'a [Revocation],
    revoked_up_to: GrantId,
    pub(crate) grants: &'a [LocalGrant],
    pub(crate) next_local: GrantId,
    pub(crate) privacy: Privacy,
}

impl<'a> AccessMemory<'a> {
    pub(crate) fn is_revoked(&self, id: GrantId) -> bool {
        let listed = find_id(self.revocations, id.0).0.0 != 0;
        listed | (id <= self.revoked_up_to)
    }

    /// The last use of a grant of the cloud.
    pub(crate) fn session(&self, id: GrantId) -> &'a Session {
        find_id(self.sessions, id.0)
    }
}

/// What an act or a session changes about engineers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessDeed {
    Nothing,
    Give(LocalGrant),
    Revoke(GrantId),
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
            ledger.revoke(id);
            assert!(ledger.view().is_revoked(id));
        }
        assert!(ids().all(|id| ledger.view().is_revoked(id)));
        assert!(!ledger.view().is_revoked(GrantId(5000)), "newer grants are untouched");
        assert!(!ledger.view().is_revoked(GrantId::FIRST_LOCAL), "and so are local ones");
    }
}

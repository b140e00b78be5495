//! What a device can remember at most. Where something new has no room, it is refused.

use super::acts::FIRST_LOCAL_GRANT;
use super::model::{Grant, Place, covers};
use super::question::Reason;
use super::reference::{Extension, OnTest, Reference, TempOpening, TemporarySpan};
use jiff::civil::Date;
use std::collections::BTreeSet;

const TEMP_OPENINGS: usize = 8;
const TESTS: usize = 4;
const WINDOWS: usize = 4;
const SPANS: usize = 8;
const GRANTS: usize = 8;

impl Reference {
    /// What had ended by then is reported, and makes room. A device that nobody has ever asked what has fallen due reports nothing.
    fn looked_at_until(&self, now: i64) -> i64 {
        self.ledger.mark.unwrap_or(now)
    }

    pub fn has_room_for_opening(&self, place: &Place, now: i64) -> bool {
        let reported = self.looked_at_until(now);
        let open = || self.ledger.temp_openings.iter().filter(|open| open.close_by > reported);
        // An opening stays as long as one of its areas is not opened anew, or it has overrun and nobody has been told.
        let stays = |open: &&TempOpening| !is_replaced(open, place, now);
        open().filter(stays).map(|open| open.opening).collect::<BTreeSet<_>>().len() < TEMP_OPENINGS
    }

    pub fn check_room_for_test(&self, places: &[Place], now: i64) -> Result<(), Reason> {
        let reported = self.looked_at_until(now);
        let stays = |test: &&OnTest| test.until > reported && (test.until <= now || !test.is_within(places));
        check(self.ledger.tests.iter().filter(stays).count() < TESTS)
    }

    pub fn check_room_for_window(&self, now: i64) -> Result<(), Reason> {
        check(self.ledger.windows.iter().filter(|window| window.until > now).count() < WINDOWS)
    }

    /// Forgets the extensions and spans that the new one replaces, if there is room for it then.
    pub fn make_room_for_span(
        &mut self,
        extension_is_replaced: impl Fn(&Extension) -> bool,
        span_is_replaced: impl Fn(&TemporarySpan) -> bool,
        now: i64,
    ) -> Result<(), Reason> {
        let reported = self.looked_at_until(now);
        let site = &self.policy.site;
        let goes_on = |date: Date, minute: i32| site.zone.last_reading(date, minute) > reported;
        // Until its margin is over a late closing is told from any other, and until the day on which it ended is, it may be extended further. What stands for a date
        // keeps out what would have started then, which ends in 48 hours.
        let midnight_after = |minute: i32| (minute + 1439) / 1440 * 1440;
        let extension_goes_on = |old: &Extension| goes_on(old.began, midnight_after(old.end).max(old.end + site.options.late_margin));
        let span_goes_on = |old: &TemporarySpan| goes_on(old.date, 48 * 60);
        let extensions = self.ledger.extensions.iter().filter(|old| extension_goes_on(old) && !extension_is_replaced(old)).count();
        let spans = self.ledger.temporary_spans.iter().filter(|old| span_goes_on(old) && !span_is_replaced(old)).count();
        check(extensions + spans < SPANS)?;
        self.ledger.extensions.retain(|old| !extension_is_replaced(old));
        self.ledger.temporary_spans.retain(|old| !span_is_replaced(old));
        Ok(())
    }

    /// Forgets the grant that ended first, if all the room is taken; if none has ended, that of the revoked ones which was to end first.
    pub fn make_room_for_grant(&mut self, now: i64) -> Result<(), Reason> {
        let reported = self.looked_at_until(now);
        if self.ledger.grants.len() < GRANTS {
            return Ok(());
        }
        let order = |grant: &&Grant| (grant.until > reported, grant.until, grant.id);
        let is_usable = |grant: &&Grant| grant.until <= reported || self.ledger.revoked.contains(&grant.id);
        let id = self.ledger.grants.iter().filter(is_usable).min_by_key(order).ok_or(Reason::NoRoom)?.id;
        assert!(id >= FIRST_LOCAL_GRANT);
        self.ledger.grants.retain(|grant| grant.id != id);
        self.ledger.sessions.retain(|session| session.grant != id);
        Ok(())
    }
}

impl OnTest {
    pub fn is_within(&self, places: &[Place]) -> bool {
        self.places.iter().all(|place| covers(places, place.system, &place.areas))
    }
}

/// Whether a new temp opening of `place` takes this one's place.
pub fn is_replaced(open: &TempOpening, place: &Place, now: i64) -> bool {
    open.system == place.system && place.areas.contains(&open.area) && open.close_by > now
}

fn check(has_room: bool) -> Result<(), Reason> {
    if has_room { Ok(()) } else { Err(Reason::NoRoom) }
}

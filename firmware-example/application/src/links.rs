//! The engineers that a receiver has let through, so that it can cut them off when their time is over.

use heapless::Vec;
use keyholder::engineer::{EngineerId, GrantId, SiteId};
use keyholder::time::{Instant, Time};

/// Most engineers that are let through at the same time. One more is answered that there is no room.
pub const MOST: usize = 16;

/// An engineer at work on a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub struct Link {
    /// Who.
    pub engineer: EngineerId,
    /// Where.
    pub site: SiteId,
    /// The grant that their session is under.
    pub grant: GrantId,
    /// Until when; `None`: until somebody ends it.
    pub until: Option<Instant>,
}

/// The open links.
#[derive(Clone, Default)]
pub struct Links(Vec<Link, MOST>);

impl Links {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Link> {
        self.0.iter()
    }

    /// Whether that link is open, or could be.
    pub fn has_room_for(&self, engineer: EngineerId, site: SiteId) -> bool {
        !self.0.is_full() || self.0.iter().any(|link| (link.engineer, link.site) == (engineer, site))
    }

    /// Opens a link, or changes its end. `false`: there are too many.
    #[must_use]
    pub fn open(&mut self, link: Link) -> bool {
        _ = self.close(link.engineer, link.site);
        self.0.push(link).is_ok()
    }

    /// Closes a link. `false`: there is none.
    pub fn close(&mut self, engineer: EngineerId, site: SiteId) -> bool {
        let before = self.0.len();
        self.0.retain(|link| (link.engineer, link.site) != (engineer, site));
        self.0.len() < before
    }

    /// The link that is under this grant.
    pub fn under(&self, grant: GrantId) -> Option<Link> {
        self.0.iter().find(|link| link.grant == grant).copied()
    }

    /// A link whose time is over. Without a time nobody knows whether it is, and a link of limited time is cut off.
    pub fn overdue(&self, time: Time) -> Option<Link> {
        let is_over = |link: &&Link| match (link.until, time) {
            (None, _) => false,
            (Some(_), Time::Unknown) => true,
            (Some(until), Time::Known(now)) => until <= now,
        };
        self.0.iter().find(is_over).copied()
    }
}

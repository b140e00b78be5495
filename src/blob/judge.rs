//! Judges a policy row by row: each by itself and beside the rows it has to do with, which are read again where they stand.

use crate::blob::Refusal;
use crate::blob::parts::Parts;
use crate::blob::rows::{Rows, invalid};
use crate::contact::{Contact, ListNumber};
use crate::engineer::{Engineer, EngineerId, GrantId, SiteId};
use crate::place::AreaList;
use crate::policy::access::{AccessRules, ReceiverHead};
use crate::policy::panel::{PanelRules, Site};
use crate::policy::row::{AnyRow, Known, PartTable};
use crate::policy::{Fault, Part, TenBits, ensure};
use crate::schedule::{Holiday, Layer, Span};
use crate::table::find_id;

/// Is shown every row in the order of the wire.
pub(super) trait Judge<'a> {
    /// Judges row `number` of `all` rows of a part.
    fn row(&mut self, row: &AnyRow, all: &Rows<'a>, number: u32) -> Result<(), Fault>;
    /// Rows of a part that are not there and take up room all the same.
    fn more(&self, part: Part) -> u32;
    /// Judges a part each of whose rows is right. Else the row that is wrong.
    fn part(&mut self, all: &Rows<'a>) -> Result<(), (u32, Fault)>;
}

/// Goes along rows in ascending order of their ids, to find those that others refer to in the same order: every row is read once.
#[derive(Clone, Copy)]
struct Along<'a> {
    id: Option<u32>,
    rest: Rows<'a>,
}

impl<'a> Along<'a> {
    fn the(rows: &Rows<'a>) -> Self {
        let mut along = Self { id: None, rest: *rows };
        along.go_on();
        along
    }

    fn go_on(&mut self) {
        self.id = self.rest.next().map(|row| {
            let [id, ..] = row.name();
            id
        });
    }

    /// Whether there is a row with this id; it is not below the one looked for before.
    #[inline(never)]
    fn reaches(&mut self, id: u32) -> bool {
        while self.id.is_some_and(|reached| reached < id) {
            self.go_on();
        }
        self.id == Some(id)
    }
}

/// Grants whose ids are compared at a time, so that finding a repeated id among `n` takes `n * n / 32` readings instead of `n * n`.
const BATCH: usize = 32;

/// The row of a grant that has the id of an earlier one.
fn repeated_id(all: &Rows<'_>) -> Option<u32> {
    let id = |row: AnyRow| if let AnyRow::Grant(grant) = row { grant.id } else { GrantId::NONE };
    let mut rest = *all;
    let mut first = 0;
    loop {
        let mut batch = [GrantId::NONE; BATCH];
        let mut taken = 0;
        for (slot, grant) in batch.iter_mut().zip(&mut rest) {
            *slot = id(grant);
            taken += 1;
        }
        if taken == 0 {
            return None;
        }
        for (row, grant) in (0..first + taken).zip(*all) {
            let own = id(grant);
            let twin = (first..).zip(batch).find(|(other, id)| *id == own && *other > row && *other < first + taken);
            if let Some((other, _)) = twin {
                return Some(other);
            }
        }
        first += taken;
    }
}

/// Judges the parts about engineers.
struct AccessJudge<'a> {
    rules: AccessRules,
    /// The only site there may be.
    own_site: Option<SiteId>,
    /// The engineers that the device knows, in all slots.
    known: &'a [Engineer],
    /// Of the identities that have come, then of the grants' ids. Most are told apart by ten of their bits, without reading the earlier rows again.
    bits: TenBits,
    /// Whether two grants are not told apart by them.
    same_bits: bool,
    /// Before the first site.
    sites: Option<Along<'a>>,
    // Grants ascend by engineer and then site, so both are found by going along; each engineer begins at the first site.
    along_sites: Option<Along<'a>>,
    along_engineers: Option<Along<'a>>,
    last: EngineerId,
}

impl<'a> AccessJudge<'a> {
    const fn new(own_site: Option<SiteId>, known: &'a [Engineer]) -> Self {
        Self {
            rules: AccessRules::START,
            own_site,
            known,
            bits: TenBits::NONE,
            same_bits: false,
            sites: None,
            along_sites: None,
            along_engineers: None,
            last: EngineerId(0),
        }
    }
}

impl<'a> Judge<'a> for AccessJudge<'a> {
    fn row(&mut self, row: &AnyRow, all: &Rows<'a>, number: u32) -> Result<(), Fault> {
        match row {
            AnyRow::SiteAccess(site) => {
                ensure(self.own_site.is_none_or(|own| own == site.id), Fault::OtherRecipient)?;
                self.rules.site(site)
            }
            AnyRow::Engineer(engineer) => {
                let known = Some(find_id(self.known, engineer.id.0)).filter(|known| known.id == engineer.id);
                let [low, high, ..] = engineer.identity.0;
                let same_bits = !self.bits.insert(u16::from_le_bytes([low, high]) % TenBits::COUNT);
                let is_same = |other: AnyRow| matches!(other, AnyRow::Engineer(other) if other.identity == engineer.identity);
                let same_identity = same_bits && all.first(number).any(is_same);
                self.rules.engineer(engineer, known, same_identity)
            }
            AnyRow::Grant(grant) => {
                if grant.engineer != self.last {
                    self.last = grant.engineer;
                    self.along_sites = self.sites;
                }
                self.same_bits |= !self.bits.insert(grant.id.0 as u16 % TenBits::COUNT);
                let reaches = |along: &mut Option<Along<'_>>, id| along.as_mut().is_some_and(|along| along.reaches(id));
                let refers = reaches(&mut self.along_engineers, grant.engineer.0) && reaches(&mut self.along_sites, grant.site.0);
                self.rules.grant(grant, refers)
            }
            AnyRow::Authorisation(authorisation) => self.rules.authorisation(authorisation),
            // A row of no part that there is.
            _ => Err(Fault::Encoding),
        }
    }

    fn more(&self, _: Part) -> u32 {
        0
    }

    fn part(&mut self, all: &Rows<'a>) -> Result<(), (u32, Fault)> {
        match all.section.part {
            Part::Sites => {
                self.sites = Some(Along::the(all));
                self.along_sites = self.sites;
            }
            Part::Engineers => (self.along_engineers, self.bits) = (Some(Along::the(all)), TenBits::NONE),
            Part::Grants if self.same_bits => return repeated_id(all).map_or(Ok(()), |row| Err((row, Fault::Duplicate))),
            _ => {}
        }
        Ok(())
    }
}

/// Judges all parts of a panel's policy.
struct PanelJudge<'a> {
    rules: PanelRules,
    lists: Option<Rows<'a>>,
    /// Room for as many layers as fit. They come in any order and are compared with all before: those are few enough to be kept.
    layers: &'a mut [Layer],
    /// The lists while schedules are judged, then the spans.
    searched: Searched<'a>,
    /// The contacts that a patch changes.
    former: &'a [Contact],
    /// Numbers that it gives to somebody else: what their former owners typed must not let the new ones in, nor the other way round.
    given_away: TenBits,
    access: AccessJudge<'a>,
}

/// How far a part's rows have been searched. The next search mostly looks further on, and need not begin at the first row.
#[derive(Default)]
struct Searched<'a> {
    passed: u32,
    /// The rows behind those; none if there was no search yet.
    rest: Option<Rows<'a>>,
}

impl<'a> Searched<'a> {
    /// The list of that number; schedules mostly name them in ascending order.
    fn list(&mut self, number: ListNumber, all: &Rows<'a>) -> Option<AreaList> {
        let index = u32::from(number.0).checked_sub(1)?;
        if index < self.passed {
            *self = Self::default();
        }
        let rest = self.rest.get_or_insert(*all);
        let list = rest.nth((index - self.passed) as usize);
        self.passed = index + 1;
        AreaList::of(&list?).copied()
    }

    /// The spans of the same layer among those before number `number`. Spans ascend by layer: those of the layers before are compared with none.
    fn earlier(&mut self, span: &Span, all: &Rows<'a>, number: u32) -> impl Iterator<Item = Span> {
        let mut rest = self.rest.unwrap_or(*all).first(number - self.passed);
        let mut next = rest;
        while next.next().is_some_and(|row| matches!(row, AnyRow::Span(other) if other.layer < span.layer)) {
            rest = next;
            self.passed += 1;
        }
        self.rest = Some(rest);
        rest.filter_map(|row| Span::of(&row).copied())
    }
}

impl<'a> Judge<'a> for PanelJudge<'a> {
    fn row(&mut self, row: &AnyRow, all: &Rows<'a>, number: u32) -> Result<(), Fault> {
        match row {
            AnyRow::AreaList(list) => self.rules.list(list),
            AnyRow::Schedule(schedule) => {
                let areas = self.lists.as_ref().and_then(|lists| self.searched.list(schedule.areas, lists));
                self.rules.schedule(schedule, areas.as_ref())
            }
            AnyRow::Layer(layer) => {
                let number = number as usize;
                self.rules.layer(layer, self.layers.iter().take(number).copied())?;
                *self.layers.get_mut(number).ok_or(Fault::Range)? = *layer;
                Ok(())
            }
            AnyRow::Span(span) => self.rules.span(span, self.searched.earlier(span, all, number)),
            AnyRow::Holiday(holiday) => {
                let is_yearly = |other: &Holiday| (other.year, other.month, other.day) == (0, holiday.month, holiday.day);
                let mut earlier = all.first(number).filter_map(|row| Holiday::of(&row).copied());
                let yearly = if holiday.year == 0 { None } else { earlier.find(is_yearly) };
                let layers = self.rules.layer_count().min(self.layers.len());
                self.rules.holiday(holiday, yearly, self.layers.get(..layers).unwrap_or(&[]))
            }
            AnyRow::TempOpenWindow(window) => self.rules.window(window),
            AnyRow::Contact(contact) => {
                let former = self.former.binary_search_by_key(&contact.user, |former| former.user).ok();
                let former = former.and_then(|index| self.former.get(index));
                if former.is_some_and(|former| former.identity != contact.identity) {
                    self.given_away.insert(contact.user.0);
                }
                self.rules.contact(contact)
            }
            AnyRow::Credential(credential) => {
                ensure(!self.given_away.contains(credential.user.0) || all.brings(row), Fault::FormerOwner)?;
                if all.section.part == Part::Codes { self.rules.code(credential) } else { self.rules.passcode(credential) }
            }
            _ => self.access.row(row, all, number),
        }
    }

    fn more(&self, part: Part) -> u32 {
        // A layer without spans takes up the room of one.
        if part == Part::Spans { u32::from(self.rules.closed_layers()) } else { 0 }
    }

    fn part(&mut self, all: &Rows<'a>) -> Result<(), (u32, Fault)> {
        if all.section.part == Part::AreaLists {
            self.lists = Some(*all);
        }
        self.searched = Searched::default();
        self.access.part(all)
    }
}

impl<'a> Parts<'a> {
    /// Judges the policy of the panel `id`, which has these settings, `tables`, contacts and engineers now. `layers` is room for as many as fit.
    // Inlined, what it keeps would lie under the verification of the signature on the stack.
    #[inline(never)]
    pub(crate) fn judge_panel(
        mut self,
        id: SiteId,
        site: &Site,
        tables: &[&'a dyn PartTable; 13],
        contacts: &'a [Contact],
        engineers: &'a [Engineer],
        layers: &'a mut [Layer],
    ) -> Result<(), Refusal> {
        let site = self.head::<Site>()?.unwrap_or(*site);
        let head = |fault| invalid(Part::Head, 0, fault);
        let rules = PanelRules::start(&site).map_err(head)?;
        ensure(site.id == id, Fault::OtherRecipient).map_err(head)?;
        let mut judge = PanelJudge {
            rules,
            lists: None,
            layers,
            searched: Searched::default(),
            former: if self.is_patch { contacts } else { &[] },
            given_away: TenBits::NONE,
            access: AccessJudge::new(Some(site.id), engineers),
        };
        self.judge(&Part::PANEL, tables, &mut judge)
    }

    /// Judges the policy of the receiver `id`, which has these settings, `tables` and engineers now.
    // As above.
    #[inline(never)]
    pub(crate) fn judge_receiver(
        mut self,
        id: SiteId,
        head: &ReceiverHead,
        tables: &[&'a dyn PartTable; 4],
        engineers: &'a [Engineer],
    ) -> Result<(), Refusal> {
        let head = self.head::<ReceiverHead>()?.unwrap_or(*head);
        let refused = |fault| invalid(Part::Head, 0, fault);
        ensure(head.id.0 != 0, Fault::Range).map_err(refused)?;
        ensure(head.id == id, Fault::OtherRecipient).map_err(refused)?;
        self.judge(&Part::RECEIVER, tables, &mut AccessJudge::new(None, engineers))
    }
}

//! Areas that are open temporarily.

use serde::{Deserialize, Serialize};

use crate::contact::UserNumber;
use crate::ledger::topic::{Reader, Writer};
use crate::mask::{flags, select};
use crate::place::{Areas, Place, SYSTEMS};
use crate::time::{Instant, Now};

/// Most temp openings that are open at a time.
pub const TEMP_OPENINGS: usize = 8;

/// Areas opened within a temp-open window and not closed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TempOpening {
    /// In which system, 1..=8.
    pub system: u8,
    /// Which areas.
    pub areas: Areas,
    /// When they have to be closed.
    pub close_by: Instant,
    /// Who opened them.
    pub user: UserNumber,
    /// Which owner of that number.
    pub identity: [u8; 4],
}

impl TempOpening {
    /// No area.
    pub(crate) const NONE: Self =
        Self { system: 0, areas: Areas::NONE, close_by: Instant::LATEST, user: UserNumber::NOBODY, identity: [0; 4] };
}

/// A set of rows, a bit for each, the first one's lowest.
type Rows = u32;

const ALL: Rows = (1 << TEMP_OPENINGS) - 1;

/// What is not compared with whatever is opened or closed.
#[derive(Clone, Copy, Debug)]
struct Opened {
    close_by: Instant,
    identity: [u8; 4],
    user: UserNumber,
}

impl Opened {
    const NOTHING: Self = Self { close_by: Instant(0), identity: [0; 4], user: UserNumber::NOBODY };
}

/// Up to [`TEMP_OPENINGS`] temp openings. They stay in their rows: those that fall due at one instant are reported in the order of the rows.
#[derive(Clone, Debug)]
pub(crate) struct TempOpenings {
    /// The rows that are not free. What else stands in a free one has no meaning.
    taken: Rows,
    /// The rows whose system, counted from 0, has the bit 1, 2 or 4.
    systems: [Rows; 3],
    areas: [Areas; TEMP_OPENINGS],
    opened: [Opened; TEMP_OPENINGS],
}

const _: () = assert!(SYSTEMS == 8, "a system has three bits");

/// All rows for each bit that `system` has, counted from 0; none for those that it has not.
#[inline(always)]
fn bits_of(system: u8) -> [Rows; 3] {
    let bit = |bit: i32| ((i32::from(system) - 1) << (31 - bit) >> 31).cast_unsigned();
    [bit(0), bit(1), bit(2)]
}

/// What opening or closing a place means for the rows.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    concerned: Rows,
    free: Rows,
}

impl Around {
    /// Whether one more temp opening can be remembered: a row is free, or is freed by being opened anew.
    pub(crate) const fn has_room(&self) -> bool {
        self.free != 0
    }

    /// What becomes of the rows if those areas are closed, or else if they are opened temporarily.
    pub(crate) fn moved(&self, areas: TempOpening, closes: bool, opens: bool) -> Move {
        let moves = closes | opens;
        Move {
            moves,
            areas,
            concerned: select(moves, self.concerned, 0),
            freed: select(moves, self.free, 0),
            taken: select(opens, self.free & self.free.wrapping_neg(), 0),
        }
    }
}

/// What becomes of the temp openings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    /// Whether anything does.
    pub(crate) moves: bool,
    /// Areas that are no longer open temporarily, or are so from now on.
    areas: TempOpening,
    /// Rows that lose them.
    concerned: Rows,
    /// Rows that are free then.
    freed: Rows,
    /// The one of these that takes them, if any does.
    taken: Rows,
}

impl Move {
    /// Nothing changes.
    pub(crate) const NONE: Self = Self { moves: false, areas: TempOpening::NONE, concerned: 0, freed: 0, taken: 0 };
}

impl TempOpenings {
    pub(crate) const NONE: Self =
        Self { taken: 0, systems: [0; 3], areas: [Areas::NONE; TEMP_OPENINGS], opened: [Opened::NOTHING; TEMP_OPENINGS] };

    /// What opening (or closing) `place` means. Rows that are over go as soon as their deadline is reported; if nobody `reports` them, at once.
    pub(crate) fn around(&self, place: Place, opening: bool, now: Now, reports: bool) -> Around {
        let running = flags(&self.opened, |opened| now.instant < opened.close_by);
        let within = flags(&self.areas, |areas| areas.within(place.areas()));
        let [low, middle, high] = self.systems;
        let [low_bit, middle_bit, high_bit] = bits_of(place.system());
        let elsewhere = (low ^ low_bit) | (middle ^ middle_bit) | (high ^ high_bit);
        // One that has overrun has yet to be reported, and is not opened anew.
        let concerned = !elsewhere & select(opening, running, ALL);
        let stays = self.taken & !(concerned & within) & select(reports, ALL, running);
        Around { concerned, free: !stays & ALL }
    }

    /// Areas that were closed, or opened anew, are no longer open temporarily. Every row costs the same, whatever becomes of it.
    pub(crate) fn apply(&mut self, moved: &Move) {
        let Move { areas: TempOpening { system, areas: moved_areas, close_by, user, identity }, concerned, freed, taken, .. } = *moved;
        let mut rest = concerned.cast_signed();
        for [a, b, c, d, e, f, g, h] in self.areas.as_chunks_mut().0 {
            let stays = |bit: i32| !(moved_areas.0 & (rest << (31 - bit) >> 31).cast_unsigned());
            a.0 &= stays(0);
            b.0 &= stays(1);
            c.0 &= stays(2);
            d.0 &= stays(3);
            e.0 &= stays(4);
            f.0 &= stays(5);
            g.0 &= stays(6);
            h.0 &= stays(7);
            rest >>= 8;
        }
        self.taken = (self.taken & !freed) | taken;
        let [low, middle, high] = &mut self.systems;
        let [low_bit, middle_bit, high_bit] = bits_of(system);
        *low = (*low & !taken) | (low_bit & taken);
        *middle = (*middle & !taken) | (middle_bit & taken);
        *high = (*high & !taken) | (high_bit & taken);
        let row = taken.trailing_zeros() as usize % TEMP_OPENINGS;
        if let (Some(areas), Some(opened)) = (self.areas.get_mut(row), self.opened.get_mut(row)) {
            let takes = taken != 0;
            areas.0 = select(takes, moved_areas.0, areas.0);
            opened.close_by.0 = select(takes, close_by.0, opened.close_by.0);
            opened.identity = select(takes, identity, opened.identity);
            opened.user.0 = select(takes, user.0, opened.user.0);
        }
    }

    /// The openings, each with the index of its row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u8, TempOpening)> + Clone {
        (0_u8..).zip(self.areas.iter().zip(&self.opened)).filter(|(index, _)| self.taken >> index & 1 == 1).map(
            |(index, (areas, opened))| {
                let system = 1 + self.systems.iter().rev().fold(0, |system, rows| system << 1 | (rows >> index & 1) as u8);
                let Opened { close_by, identity, user } = *opened;
                (index, TempOpening { system, areas: *areas, close_by, user, identity })
            },
        )
    }

    fn taken_mut(&mut self) -> impl Iterator<Item = &mut Opened> {
        let taken = self.taken;
        self.opened.iter_mut().enumerate().filter(move |(index, _)| taken >> index & 1 == 1).map(|(_, opened)| opened)
    }

    /// Frees the rows that had to be closed by then.
    pub(crate) fn free_until(&mut self, settled: Instant) {
        for (index, opened) in self.opened.iter().enumerate() {
            self.taken &= !(Rows::from(opened.close_by <= settled) << index);
        }
    }

    /// Nothing has to be closed later than `latest`.
    pub(crate) fn bring_below(&mut self, latest: Instant) {
        for opened in self.taken_mut() {
            opened.close_by = opened.close_by.min(latest);
        }
    }

    /// What was opened by somebody who is no longer there is nobody's. Answers whether something was.
    pub(crate) fn disown(&mut self, is_same: impl Fn(UserNumber, [u8; 4]) -> bool) -> bool {
        let mut disowns = false;
        for opened in self.taken_mut() {
            if opened.user != UserNumber::NOBODY && !is_same(opened.user, opened.identity) {
                opened.user = UserNumber::NOBODY;
                disowns = true;
            }
        }
        disowns
    }

    pub(crate) fn tell(&self, writer: &mut Writer<'_>) {
        writer.put_numbered(self.rows());
    }

    pub(crate) fn recall(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        *self = Self::NONE;
        reader.take_numbered(|index, opening: TempOpening| {
            let TempOpening { system, areas: opened_areas, close_by, user, identity } = opening;
            *self.areas.get_mut(index)? = opened_areas;
            *self.opened.get_mut(index)? = Opened { close_by, identity, user };
            (1..=SYSTEMS).contains(&usize::from(system)).then_some(())?;
            for (rows, bit) in self.systems.iter_mut().zip(bits_of(system)) {
                *rows |= bit & 1 << index;
            }
            self.taken |= 1 << index;
            Some(())
        })
    }
}

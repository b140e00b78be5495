//! Two slots for policies: a snapshot at the beginning of each, and behind it the patches it has been given since.
//!
//! A snapshot goes into the slot whose policy does not decide; that one is erased only then. A patch goes behind what is there, and in front of it a frame with
//! its length. Of either the first unit is written last, when everything else stands in flash and has been judged there: without it there is no blob. So
//! whenever the power fails, a slot holds what it held or what it was to hold.
//!
//! What has come of a patch that was never finished has not been judged. The frame tells how far it goes: nothing in it is ever looked at, or somebody could hide
//! a patch there that is too old to be installed.

use embedded_storage::nor_flash::NorFlash;

use crate::blob::bytes::{Bytes, WINDOW, copy_to};
use crate::blob::parts::Parts;
use crate::blob::{self, HEAD_LENGTH, Head, Installed, Kind, ORDER_LENGTH, PolicyDigest, Refusal};
use crate::device::inside::Device;
use crate::store::flash::{ERASED, FlashBytes, Region, WIDEST_UNIT, in_units};
use crate::time::Time;

/// Frames and blobs begin at multiples of this.
const CELL: u32 = 64;
/// Bytes of a frame: the length of the patch behind it, and the same with every bit turned over.
const FRAME: usize = 8;
/// Bytes that are written at a time.
const PAGE: usize = 128;

/// A blob that is on its way.
struct Incoming {
    head: Head,
    /// Where it goes to; `None`: it changes no policy and is kept in memory.
    place: Option<(usize, u32)>,
    /// Bytes that have come.
    received: u32,
    /// Those that have not been written: of the page they belong to, or all if it is kept in memory.
    page: [u8; HEAD_LENGTH + ORDER_LENGTH],
    /// The first ones, which are written last.
    first: [u8; WIDEST_UNIT],
}

/// An [`Option`] of whose nothing the tag is zero, so that a device at rest is zero bytes.
#[repr(u8)]
#[allow(clippy::large_enum_variant, reason = "nothing is allocated")]
enum Awaited {
    Nothing = 0,
    Blob(Incoming) = 1,
}

/// What has been loaded from the slots.
pub(crate) struct Loaded {
    /// Whether everything that is in them is right.
    pub(crate) all_right: bool,
    /// The head of the blob that made the policy what it is; `None`: there is no policy.
    pub(crate) newest: Option<Head>,
}

/// The slots, and a blob that is on its way into one.
pub(crate) struct Slots {
    regions: [Region; 2],
    /// The slot whose policy decides.
    active: Option<usize>,
    /// The first free cell behind what is in that slot, and behind a patch that is on its way into it.
    tail: u32,
    awaited: Awaited,
}

impl Slots {
    pub(crate) const fn new(regions: [Region; 2]) -> Self {
        Self { regions, active: None, tail: 0, awaited: Awaited::Nothing }
    }

    fn region(&self, index: usize) -> Option<Region> {
        self.regions.get(index).copied()
    }

    /// Longest blob of that kind there is room for.
    fn room(&self, kind: Kind) -> u32 {
        let size = self.region(0).map_or(0, |region| region.length);
        match (kind.is_policy(), kind.is_patch()) {
            (false, _) => (HEAD_LENGTH + ORDER_LENGTH) as u32,
            (true, false) => size,
            (true, true) => size.saturating_sub(self.tail).saturating_sub(CELL),
        }
    }

    /// Begins to take a blob whose head has been judged.
    pub(crate) fn begin<F: NorFlash>(&mut self, flash: &mut F, head: &Head, bytes: &[u8; HEAD_LENGTH]) -> Result<(), Refusal> {
        self.abandon();
        let room = self.room(head.kind);
        if head.blob_length() > room {
            return Err(Refusal::TooLong { room });
        }
        let place = match (head.kind.is_policy(), head.kind.is_patch()) {
            (false, _) => None,
            (true, true) => {
                let slot = self.active.ok_or(Refusal::NotKept)?;
                let (frame_at, at) = (self.tail, self.tail + CELL);
                self.tail = in_units(at + head.blob_length(), CELL);
                self.region(slot).and_then(|region| write_frame(flash, region, frame_at, head.blob_length())).ok_or(Refusal::NotKept)?;
                Some((slot, at))
            }
            (true, false) => {
                let slot = self.active.map_or(0, |active| 1 - active);
                self.region(slot).and_then(|region| region.erase(flash)).ok_or(Refusal::NotKept)?;
                Some((slot, 0))
            }
        };
        self.awaited = Awaited::Blob(Incoming {
            head: *head,
            place,
            received: 0,
            page: [ERASED; HEAD_LENGTH + ORDER_LENGTH],
            first: [ERASED; WIDEST_UNIT],
        });
        self.append(flash, bytes)
    }

    /// Takes the next bytes.
    pub(crate) fn append<F: NorFlash>(&mut self, flash: &mut F, mut bytes: &[u8]) -> Result<(), Refusal> {
        let regions = self.regions;
        let Awaited::Blob(incoming) = &mut self.awaited else { return Err(Refusal::NotABlob) };
        if bytes.len() > incoming.head.blob_length().saturating_sub(incoming.received) as usize {
            // More than its head says: it is no such blob.
            self.abandon();
            return Err(Refusal::NotABlob);
        }
        while !bytes.is_empty() {
            let size = if incoming.place.is_some() { PAGE } else { incoming.page.len() };
            let at = incoming.received as usize % size;
            let (now, later) = bytes.split_at_checked(size - at).unwrap_or((bytes, &[]));
            copy_to(&mut incoming.page, at, now);
            incoming.received += now.len() as u32;
            bytes = later;
            if (incoming.received as usize).is_multiple_of(size) && incoming.flush(flash, &regions).is_none() {
                self.abandon();
                return Err(Refusal::NotKept);
            }
        }
        Ok(())
    }

    /// Forgets a blob that is on its way. What of it stands in flash is no blob.
    pub(crate) fn abandon(&mut self) {
        self.awaited = Awaited::Nothing;
    }

    /// Judges the blob that has come, and lets it hold.
    pub(crate) fn finish<F: NorFlash, D: Device>(&mut self, flash: &mut F, device: &mut D, time: Time) -> Result<Installed, Refusal> {
        let outcome = self.judge_and_adopt(flash, device, time);
        self.abandon();
        outcome
    }

    fn judge_and_adopt<F: NorFlash, D: Device>(&mut self, flash: &mut F, device: &mut D, time: Time) -> Result<Installed, Refusal> {
        let regions = self.regions;
        let Awaited::Blob(incoming) = &mut self.awaited else { return Err(Refusal::NotABlob) };
        let length = incoming.head.blob_length();
        if incoming.received != length {
            return Err(Refusal::NotABlob);
        }
        let Some((slot, at)) = incoming.place else {
            let blob = incoming.page.get(..length as usize).ok_or(Refusal::NotABlob)?;
            return device.install(&blob, time);
        };
        // A page that was full has been written when it became so.
        if !(length as usize).is_multiple_of(PAGE) {
            incoming.flush(flash, &regions).ok_or(Refusal::NotKept)?;
        }
        let region = self.region(slot).ok_or(Refusal::NotKept)?;
        let Awaited::Blob(incoming) = &self.awaited else { return Err(Refusal::NotABlob) };
        let first = incoming.first.get(..F::WRITE_SIZE).unwrap_or(&[]);
        let accepted = {
            let blob = FlashBytes::new(flash, region, at, length).without_first(first);
            let checked = device.check(&blob, time);
            if blob.has_failed() {
                // Nothing is wrong with the blob.
                return Err(Refusal::NotKept);
            }
            match checked? {
                Some(accepted) => accepted,
                None => return Ok(Installed::Already),
            }
        };
        if region.write(flash, at, first).is_none() {
            self.disown(flash, slot);
            return Err(Refusal::NotKept);
        }
        // From here on it is what decides after a loss of power.
        self.active = Some(slot);
        self.tail = in_units(at.saturating_add(length), CELL);
        if device.adopt(&FlashBytes::new(flash, region, at, length), &accepted) { Ok(Installed::Now) } else { Err(Refusal::NotKept) }
    }

    /// The last unit of a blob has not been written, and may stand there all the same. Nothing may be installed that a restart would not find because of it.
    fn disown<F: NorFlash>(&mut self, flash: &mut F, slot: usize) {
        if Some(slot) == self.active {
            self.take_no_patch();
        } else {
            // If that fails too, the flash is beyond help.
            let _ = self.region(slot).and_then(|region| region.erase(flash));
        }
    }

    /// Until a snapshot comes: a patch would go behind a blob that may be found by a restart or not, and fit only one of the two. A snapshot has the other slot.
    pub(crate) fn take_no_patch(&mut self) {
        self.tail = u32::MAX;
    }

    /// Loads the newest policy that is right into `device`. `None`: there is no such slot.
    pub(crate) fn load<F: NorFlash, D: Device>(&mut self, flash: &mut F, device: &mut D) -> Option<Loaded> {
        let mut heads = [None; 2];
        for (head, region) in heads.iter_mut().zip(self.regions) {
            *head = snapshot_in(flash, region, device);
        }
        let sequence = |index: usize| heads.get(index).copied().flatten().map(|head: Head| head.sequence);
        let order = if sequence(1) > sequence(0) { [1, 0] } else { [0, 1] };
        let (mut all_right, mut is_doubted, mut newest) = (true, false, None);
        (self.active, self.tail) = (None, 0);
        for index in order {
            let region = self.region(index)?;
            let written = region.written(flash);
            let Some(sequence) = sequence(index) else {
                all_right &= written == 0;
                continue;
            };
            if device.subject().trust.forfeited.is_some_and(|forfeited| sequence <= forfeited) {
                continue;
            }
            let found = look_through(flash, region, written, device);
            all_right &= found.is_whole;
            if self.active.is_some() {
                continue;
            }
            is_doubted |= !found.is_believed;
            if found.good == 0 {
                continue;
            }
            newest = adopt_chain(flash, region, found.good, device);
            if newest.is_some() {
                (self.active, self.tail) = (Some(index), found.end);
            } else {
                device.deny_everything();
                all_right = false;
            }
        }
        // One that is not believed may be older, although it has a higher number: its key has been retired, and counting begun anew.
        let is_latest = newest.is_some_and(|newest| device.subject().trust.latest == Some(newest.provenance()));
        Some(Loaded { all_right: all_right && (is_latest || !is_doubted), newest })
    }

    /// Whether any slot holds what looks like a policy for this device, or cannot be read: a flash that does not answer is not taken for a new one.
    pub(crate) fn is_used<F: NorFlash, D: Device>(&self, flash: &mut F, device: &D) -> bool {
        let mut buffer = [0; WINDOW];
        self.regions.iter().any(|region| {
            let is_read = region.read(flash, 0, WINDOW as u32, &mut buffer).is_some();
            !is_read || snapshot_in(flash, *region, device).is_some()
        })
    }

    /// The highest sequence of a policy whose head is signed, be the rest of it right or not.
    pub(crate) fn highest_signed<F: NorFlash, D: Device>(&self, flash: &mut F, device: &D) -> Option<u64> {
        let mut highest = None;
        for region in self.regions {
            let mut chain = Chain::new(flash, region, region.length);
            while let Some((_, head, bytes)) = chain.next_head() {
                let is_signed = blob::is_signed_with(&head, &bytes, &device.subject().trust.keys);
                highest = highest.max(is_signed.then_some(head.sequence));
            }
        }
        highest
    }
}

impl Incoming {
    /// Writes the page that has come, in whole units; the blob's first unit is kept back.
    fn flush<F: NorFlash>(&mut self, flash: &mut F, regions: &[Region; 2]) -> Option<()> {
        let Some((slot, at)) = self.place else { return Some(()) };
        let region = regions.get(slot)?;
        let filled = self.received as usize % PAGE;
        let filled = if filled == 0 && self.received != 0 { PAGE } else { filled };
        let start = self.received.checked_sub(filled as u32)?;
        let whole = in_units(filled as u32, F::WRITE_SIZE as u32) as usize;
        let mut page = self.page.get(..whole)?;
        let mut from = at + start;
        if start == 0 {
            let (first, rest) = page.split_at_checked(F::WRITE_SIZE)?;
            self.first.get_mut(..F::WRITE_SIZE)?.copy_from_slice(first);
            (page, from) = (rest, from + F::WRITE_SIZE as u32);
        }
        if !page.is_empty() {
            region.write(flash, from, page)?;
        }
        self.page.fill(ERASED);
        Some(())
    }
}

/// The head of what is at the beginning of a slot, if it claims to be a snapshot for this device.
fn snapshot_in<F: NorFlash, D: Device>(flash: &mut F, region: Region, device: &D) -> Option<Head> {
    let (head, _) = blob::read_head(&FlashBytes::new(flash, region, 0, HEAD_LENGTH as u32)).ok()?;
    let is_snapshot = head.kind.is_policy() && !head.kind.is_patch() && device.recipient().takes(&head);
    is_snapshot.then_some(head)
}

/// Writes the frame in front of a patch of that length.
fn write_frame<F: NorFlash>(flash: &mut F, region: Region, at: u32, length: u32) -> Option<()> {
    let mut frame = [ERASED; WIDEST_UNIT];
    let [a, b, c, d] = length.to_le_bytes();
    let [e, f, g, h] = (!length).to_le_bytes();
    *frame.first_chunk_mut()? = [a, b, c, d, e, f, g, h];
    region.write(flash, at, frame.get(..in_units(FRAME as u32, F::WRITE_SIZE as u32) as usize)?)
}

/// The blobs of a slot one after the other.
struct Chain<'f, F> {
    flash: &'f mut F,
    region: Region,
    written: u32,
    at: u32,
    last: Option<(u64, PolicyDigest)>,
    /// Whether every blob up to here is right.
    is_whole: bool,
}

impl<'f, F: NorFlash> Chain<'f, F> {
    fn new(flash: &'f mut F, region: Region, written: u32) -> Self {
        Self { flash, region, written, at: 0, last: None, is_whole: true }
    }

    /// The length of the patch behind the frame at `at`.
    fn frame(&mut self, at: u32) -> Option<u32> {
        let mut buffer = [0; WINDOW];
        let frame: [u8; FRAME] = *self.region.read(self.flash, at, at + FRAME as u32, &mut buffer)?.first_chunk()?;
        let [a, b, c, d, e, f, g, h] = frame;
        let length = u32::from_le_bytes([a, b, c, d]);
        (length == !u32::from_le_bytes([e, f, g, h])).then_some(length)
    }

    /// The next place where a blob begins, and its head if there is one.
    fn next_head(&mut self) -> Option<(u32, Head, [u8; HEAD_LENGTH])> {
        while self.at < self.written {
            let is_snapshot = self.at == 0;
            let framed = if is_snapshot { None } else { self.frame(self.at) };
            let at = if is_snapshot { 0 } else { self.at.saturating_add(CELL) };
            let rest = self.region.length.saturating_sub(at);
            let head = blob::read_head(&FlashBytes::new(self.flash, self.region, at, HEAD_LENGTH as u32)).ok();
            let head = head.filter(|(head, _)| head.blob_length() <= rest && head.kind.is_patch() != is_snapshot);
            let length = if is_snapshot { head.map(|(head, _)| head.blob_length()) } else { framed };
            // Without a frame nothing has come: the next one is in some later cell.
            self.at = length.map_or(at.max(CELL), |length| in_units(at.saturating_add(length), CELL));
            if let Some((head, bytes)) = head.filter(|(head, _)| Some(head.blob_length()) == length) {
                return Some((at, head, bytes));
            }
            self.is_whole = false;
        }
        None
    }

    /// The next blob whose bytes are what its head says, and which is for this device and follows the one before.
    fn next<D: Device>(&mut self, device: &D) -> Option<(u32, Head, [u8; HEAD_LENGTH])> {
        while let Some((at, head, bytes)) = self.next_head() {
            let follows = self.last.is_some() == head.kind.is_patch() && self.last.is_none_or(|(sequence, _)| head.base == sequence);
            let is_ours = head.kind.is_policy() && device.recipient().takes(&head);
            let base = self.last.map(|(_, digest)| digest);
            let blob = FlashBytes::new(self.flash, self.region, at, head.blob_length());
            if follows && is_ours && blob::is_content_of(&head, &blob, base.as_ref()) {
                self.last = Some((head.sequence, head.digest));
                return Some((at, head, bytes));
            }
            self.is_whole = false;
        }
        None
    }
}

/// What a slot turned out to hold.
struct Held {
    /// The end of the last blob up to which everything is signed with a key that is obeyed, or was when it was installed; 0 if there is none.
    good: u32,
    /// The first free cell.
    end: u32,
    /// Whether all of it is as it was written.
    is_whole: bool,
    /// Whether the last blob is good.
    is_believed: bool,
}

fn look_through<F: NorFlash, D: Device>(flash: &mut F, region: Region, written: u32, device: &D) -> Held {
    let mut chain = Chain::new(flash, region, written);
    let (mut good, mut is_doubtful) = (0, false);
    while let Some((_, head, bytes)) = chain.next(device) {
        is_doubtful |= !blob::is_signed_with(&head, &bytes, &device.subject().trust.keys);
        // The digest tells the whole chain up to here.
        is_doubtful &= device.subject().trust.vouched != Some(head.provenance());
        if !is_doubtful {
            good = chain.at;
        }
    }
    Held { good, end: chain.at.max(in_units(written, CELL)), is_whole: chain.is_whole, is_believed: good != 0 && !is_doubtful }
}

/// Does what the blobs of a slot say, up to `good`. The head of the last; `None`: they no longer pass.
fn adopt_chain<F: NorFlash, D: Device>(flash: &mut F, region: Region, good: u32, device: &mut D) -> Option<Head> {
    let mut chain = Chain::new(flash, region, good);
    let mut newest = None;
    while let Some((at, head, _)) = chain.next(device) {
        let blob = FlashBytes::new(chain.flash, region, at, head.blob_length());
        let parts = || Parts::of(&blob, head.kind.is_patch());
        if device.judge(parts()).is_err() || !device.write(parts()) || blob.has_failed() {
            return None;
        }
        device.subject_mut().installed = Some(head.provenance());
        newest = Some(head);
    }
    newest
}

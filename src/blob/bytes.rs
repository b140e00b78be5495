//! Where a blob's bytes are: in memory, or in a flash that is read a little at a time.

/// Bytes that are read at a time where they cannot be had in place.
pub(crate) const WINDOW: usize = 128;
/// Of those, what has to be at hand: the most that one row of a policy takes on the wire is 101 bytes (a firmware authorisation).
pub(crate) const ROW: usize = 112;

/// Bytes that can be read from anywhere, as often as needed, and stay the same.
///
/// Whoever reads a blob takes a `dyn Bytes`: the code that judges one is large, and there is to be one of it for memory and flash alike.
pub(crate) trait Bytes {
    /// How many there are.
    fn length(&self) -> u32;
    /// All bytes from `at` on, if they are in memory.
    fn in_place(&self, at: u32) -> Option<&[u8]>;
    /// The bytes from `at` on: all that are left, or at least [`ROW`] of them. Fewer, and be it none, if they cannot be read.
    fn window<'a>(&'a self, at: u32, buffer: &'a mut [u8; WINDOW]) -> &'a [u8];
    /// Whether any could not be read. A patch of which a part is missing looks as one that does not mention it.
    fn has_failed(&self) -> bool {
        false
    }
}

impl Bytes for &[u8] {
    fn length(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    fn in_place(&self, at: u32) -> Option<&[u8]> {
        self.get(at as usize..)
    }

    fn window<'a>(&'a self, at: u32, _: &'a mut [u8; WINDOW]) -> &'a [u8] {
        self.in_place(at).unwrap_or(&[])
    }
}

/// Copies `from` to `to`, from `at` on; what there is no room for is left out.
pub(crate) fn copy_to(to: &mut [u8], at: usize, from: &[u8]) {
    for (slot, byte) in to.iter_mut().skip(at).zip(from) {
        *slot = *byte;
    }
}

/// Passes all bytes from `at` on to `take`. `false`: they could not all be read.
pub(crate) fn for_each_window(bytes: &dyn Bytes, mut at: u32, mut take: impl FnMut(&[u8])) -> bool {
    let length = bytes.length();
    while at < length {
        let mut buffer = [0; WINDOW];
        let window = bytes.window(at, &mut buffer);
        if window.is_empty() {
            return false;
        }
        take(window);
        at = at.saturating_add(window.len() as u32);
    }
    true
}

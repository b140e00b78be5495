//! Writes what postcard reads.

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// Writes values one after the other.
///
/// What there is no room for is counted and not written: whoever writes asks once whether all of it fits.
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn into(bytes: &'a mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    /// The bytes it takes to write what was put, whether there is room for them or not.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// What was put. `None`: there is no room for all of it.
    pub(crate) fn written(self) -> Option<&'a [u8]> {
        self.bytes.get(..self.length)
    }

    /// What cannot be written, as no value of ours, takes more room than there is: nothing is [`written`](Self::written) then.
    pub(crate) fn put<T: Serialize + ?Sized>(&mut self, value: &T) {
        if value.serialize(&mut postcard::Serializer { output: &mut *self }).is_err() {
            self.length = usize::MAX;
        }
    }

    /// Goes back to where so many bytes were written, to write on from there.
    pub(crate) const fn go_back(&mut self, length: usize) {
        self.length = length;
    }

    #[inline(never)]
    pub(crate) fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
        }
        self.length = self.length.saturating_add(1);
    }
}

impl Flavor for &mut Writer<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.byte(byte);
        Ok(())
    }

    // Inlined wherever there is a number, it would take up a quarter of a kilobyte.
    #[inline(never)]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        for byte in bytes {
            self.byte(*byte);
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

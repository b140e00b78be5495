//! What `bitflags` leaves to its user.

/// `defmt::Format` for a set of flags: its name and its bits.
macro_rules! format_as_bits {
    ($flags:ident) => {
        #[cfg(feature = "defmt")]
        impl defmt::Format for $flags {
            fn format(&self, formatter: defmt::Formatter<'_>) {
                defmt::write!(formatter, "{}({=u32:#x})", stringify!($flags), self.bits() as u32);
            }
        }
    };
}
pub(crate) use format_as_bits;

//! Reads what postcard has written.
//!
//! The same bytes are the same values as to `postcard::take_from_bytes`, which the tests hold this against. That one unrolls every number wherever there is one
//! and has an error for every way to be wrong: with it, a Cortex-M4's code for the rows of a policy and for what a panel remembers is 7 KB larger.

use core::fmt;

use serde::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Bytes that are read value by value.
///
/// What is wrong is noted, and zeros are read from then on: whoever takes a value asks once whether all of it was right, not at every number.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// What is left of them.
    bytes: &'a [u8],
    is_wrong: bool,
}

/// The bytes are not the encoding of such a value, or end in the middle of it.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl<'a> Reader<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, is_wrong: false }
    }

    /// The bytes that have not been read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next value. `None`: nothing of that kind, and nothing comes behind it.
    pub(crate) fn take<T: de::Deserialize<'a>>(&mut self) -> Option<T> {
        let value = T::deserialize(&mut *self);
        if self.is_wrong {
            return None;
        }
        value.ok()
    }

    /// The next byte is this one, and has been read then.
    pub(crate) fn passes(&mut self, byte: u8) -> Option<()> {
        let (next, rest) = self.bytes.split_first()?;
        (*next == byte).then(|| self.bytes = rest)
    }

    /// So many bytes as they are.
    pub(crate) fn plain(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(bytes)
    }

    // Hosts install a policy a quarter faster if what is read most is inlined.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.bytes.split_first() else {
            self.is_wrong = true;
            return 0;
        };
        self.bytes = rest;
        *byte
    }

    /// A byte that is 0 or 1.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn bit(&mut self) -> bool {
        let byte = self.byte();
        self.is_wrong |= byte > 1;
        byte == 1
    }

    /// A number of so many bits, seven in a byte, the lowest first.
    fn number(&mut self, bits: u32) -> u64 {
        let first = self.byte();
        let mut number = u64::from(first & 0x7f);
        if first < 0x80 {
            return number;
        }
        // Most are of one or two bytes, and those of two fit whatever they are to be.
        let second = self.byte();
        number |= u64::from(second & 0x7f) << 7;
        if second < 0x80 {
            return number;
        }
        let mut shift = 14;
        loop {
            let byte = self.byte();
            // Bits that are too many, or a further byte where none can follow.
            if bits - shift < 8 && byte >> (bits - shift) != 0 {
                self.is_wrong = true;
                return 0;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn number16(&mut self) -> u16 {
        self.number(16) as u16
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn number32(&mut self) -> u32 {
        self.number(32) as u32
    }

    /// A number with a sign, which is its lowest bit.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn signed(&mut self, bits: u32) -> i64 {
        let number = self.number(bits);
        (number >> 1) as i64 ^ -((number & 1) as i64)
    }
}

macro_rules! numbers {
    ($($deserialize:ident $visit:ident $read:ident($($bits:literal)?) $number:ty;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.$read($($bits)?) as $number)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    numbers! {
        deserialize_u16 visit_u16 number16() u16;
        deserialize_u32 visit_u32 number32() u32;
        deserialize_u64 visit_u64 number(64) u64;
        deserialize_i16 visit_i16 signed(16) i16;
        deserialize_i32 visit_i32 signed(32) i32;
        deserialize_i64 visit_i64 signed(64) i64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.bit())
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u8(self.byte())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.bit() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(Values { reader: self, left: length })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        if name == PLAIN {
            visitor.visit_borrowed_bytes(self.plain(length).ok_or(Unreadable)?)
        } else {
            self.deserialize_tuple(length, visitor)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }

    // What is in no policy.
    forward_to_deserialize_any! {
        i8 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq map identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Values that follow each other.
struct Values<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Values<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

/// The name of no type, by which a [`Reader`] knows that all fields of a tuple are bytes. Others read them one by one.
const PLAIN: &str = "[u8]";

/// A field of bytes, for `deserialize_with`: as serde reads arrays, but a [`Reader`] takes them all at once.
pub(crate) fn bytes<'de, D: de::Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
    struct Bytes<const N: usize>;

    impl<'de, const N: usize> Visitor<'de> for Bytes<N> {
        type Value = [u8; N];

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "{N} bytes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<[u8; N], A::Error> {
            let mut bytes = [0; N];
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = values.next_element()?.ok_or_else(|| de::Error::invalid_length(index, &self))?;
            }
            Ok(bytes)
        }

        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<[u8; N], E> {
            bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
        }
    }

    deserializer.deserialize_tuple_struct(PLAIN, N, Bytes)
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unreadable> {
        let variant = self.number32();
        Ok((seed.deserialize(variant.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        de::Deserializer::deserialize_tuple(self, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        de::Deserializer::deserialize_tuple(self, fields.len(), visitor)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not the encoding of such a value")
    }
}

impl core::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

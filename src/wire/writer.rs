//! Writes what postcard reads.

use core::fmt;

use serde::ser::{self, Impossible, Serialize};

use crate::wire::Foreign;

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
        if value.serialize(&mut *self).is_err() {
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

    /// Seven bits in a byte, the lowest first.
    #[inline(never)]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// A number of few bits.
    #[inline(never)]
    fn short(&mut self, number: u32) {
        self.number(number.into());
    }

    /// A number with a sign, which becomes its lowest bit.
    #[inline(never)]
    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }
}

macro_rules! writes {
    ($($serialize:ident $number:ty: $write:ident;)*) => {$(
        fn $serialize(self, number: $number) -> Result<(), Foreign> {
            self.$write(number.into());
            Ok(())
        }
    )*};
}

macro_rules! never_written {
    ($($serialize:ident $value:ty;)*) => {$(
        fn $serialize(self, _: $value) -> Result<(), Foreign> {
            Err(Foreign)
        }
    )*};
}

impl ser::Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = Foreign;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Impossible<(), Foreign>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    writes! {
        serialize_bool bool: byte;
        serialize_u8 u8: byte;
        serialize_u16 u16: short;
        serialize_u32 u32: short;
        serialize_u64 u64: number;
        serialize_i16 i16: signed;
        serialize_i32 i32: signed;
        serialize_i64 i64: signed;
    }

    never_written! {
        serialize_i8 i8;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_char char;
        serialize_str &str;
        serialize_bytes &[u8];
        serialize_unit_struct &'static str;
    }

    fn serialize_unit(self) -> Result<(), Foreign> {
        Err(Foreign)
    }

    fn serialize_none(self) -> Result<(), Foreign> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Foreign> {
        self.byte(1);
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, variant: u32, _: &'static str) -> Result<(), Foreign> {
        self.serialize_u32(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Foreign> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Foreign> {
        self.short(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Foreign> {
        self.number(length.ok_or(Foreign)? as u64);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Foreign> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Foreign> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, variant: u32, _: &'static str, _: usize) -> Result<Self, Foreign> {
        self.short(variant);
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Foreign> {
        Err(Foreign)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Foreign> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, variant: u32, _: &'static str, _: usize) -> Result<Self, Foreign> {
        self.short(variant);
        Ok(self)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), Foreign> {
        Err(Foreign)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! one_after_the_other {
    ($($compound:ident $serialize:ident($($name:ty)?);)*) => {$(
        impl ser::$compound for &mut Writer<'_> {
            type Ok = ();
            type Error = Foreign;

            fn $serialize<T: Serialize + ?Sized>(&mut self, $(_: $name,)? value: &T) -> Result<(), Foreign> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Foreign> {
                Ok(())
            }
        }
    )*};
}
one_after_the_other! {
    SerializeSeq serialize_element();
    SerializeTuple serialize_element();
    SerializeTupleStruct serialize_field();
    SerializeTupleVariant serialize_field();
    SerializeStruct serialize_field(&'static str);
    SerializeStructVariant serialize_field(&'static str);
}

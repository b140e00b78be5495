//! Compiles the floor in C.

fn main() {
    println!("cargo::rerun-if-changed=floor/floor.c");
    cc::Build::new().file("floor/floor.c").opt_level(2).flag_if_supported("-std=c11").warnings(true).extra_warnings(true).compile("floor");
}

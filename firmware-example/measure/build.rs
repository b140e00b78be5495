//! Tells the linker about the memories, and compiles the floor in C for the images that count.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link");
    let variable = |name| env::var(name).unwrap_or_default();
    let (folder, target, output) = (variable("CARGO_MANIFEST_DIR"), variable("TARGET"), variable("OUT_DIR"));
    let (script, processor) = match target.as_str() {
        "thumbv6m-none-eabi" => ("arm.x", "-mcpu=cortex-m0plus"),
        "thumbv7em-none-eabi" => ("arm.x", "-mcpu=cortex-m4"),
        "thumbv8m.main-none-eabi" => ("arm33.x", "-mcpu=cortex-m33"),
        _ => ("riscv.x", ""),
    };
    println!("cargo:rustc-check-cfg=cfg(armv8m, floor)");
    if target.starts_with("thumbv8m") {
        println!("cargo:rustc-cfg=armv8m");
    }
    println!("cargo:rustc-link-search={folder}/link");
    println!("cargo:rustc-link-arg-bins=-T{script}");
    if env::var_os("CARGO_FEATURE_EVERYTHING").is_some() {
        println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
    }
    if env::var_os("CARGO_FEATURE_COUNTING").is_none() || processor.is_empty() {
        return;
    }
    println!("cargo:rustc-cfg=floor");
    println!("cargo:rerun-if-changed=floor.c");
    println!("cargo:rerun-if-changed=../../benches/floor/floor.c");
    let object = format!("{output}/floor.o");
    let arguments = ["-mthumb", processor, "-mfloat-abi=soft", "-std=c11", "-O2", "-Wall", "-Wextra", "-ffunction-sections", "-c", "-o"];
    let status = Command::new("arm-none-eabi-gcc").args(arguments).arg(&object).arg(format!("{folder}/floor.c")).status();
    assert!(status.is_ok_and(|status| status.success()), "arm-none-eabi-gcc does not compile the floor");
    println!("cargo:rustc-link-arg-bins={object}");
}

use ember::prelude::*;

#[operator]
unsafe fn read(from: *const u32) -> u32 {
    unsafe { *from }
}

fn main() {}

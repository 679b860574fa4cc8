mod fees;

pub fn double(amount: u32) -> u32 {
    amount * 4 + fees::fee()
}

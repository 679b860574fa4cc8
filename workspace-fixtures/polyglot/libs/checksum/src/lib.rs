unsafe extern "C" {
    safe fn check_digit(number: u64) -> u32;
}

/// A tracking number as it stands on the label: the number with its check digit.
pub fn tracking(number: u64) -> String {
    format!("NP{number:06}{}", check_digit(number))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_tracking_number_ends_with_its_check_digit() {
        assert_eq!(super::tracking(1000), "NP0010009");
    }
}

//! Tests with moduli made for each weakness, and with those of good keys.

use std::iter::repeat_n;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;

use super::*;

/// A prime of 2048 bits.
const PRIME: &str = "\
    e7b4ddba7f5b75da1f124b3d37ea4eecfd21d8c54b598c2c89284da05f1e37be8a60f7a445e9d3cc4a49ec25dcf979b8\
    e3fd716c9379925c069525384da3d80f9d69fcbb70052680f5d6f7d62f61c85c0acafc620cfd7231ae8a1e0f16a3a474\
    1d52259189ded6ae99d3fa7bf6483d7f747bc7c1cfba8985462aa5203a0a26df0a06593b3c5df1687984d3b8e89c72e0\
    57adba46cda167010a4f912fb12502c7e9b839823756f1775809179078760c57f30a393f889294a5b750484940a9ce28\
    e3723f2a716b3bf87ac4259916470c505e0ed7de116aa80341335fb385ab348bb295db9e183503c87c117181097c7d3e\
    82d504da1bfd946dba8fda1649e0ba95";

/// A prime of 1024 bits.
const HALF: &str = "\
    f619ada436a7166bf97d64e3a1a1c1a92352415fbc228ea96f4a349ba733ee0f8215989c1c2b71272aba58f512411df1\
    497ff28cd847712b536843aad51b4439f13ea3c971eb3face130838386f6a34e1321784b1e092951d06fa07b57c66b7e\
    15eea911b3463c2d603f85ce2f3016639a6f4eb0a0bbb87b7a518d7a1d52aa73";

/// A prime of 683 bits.
const THIRD: &str = "\
    0744d30d3473dc526879af71a03069c2455bd26e05c40c94cf99135c007fe3d3a6a25d1fb2c9af38020328940c2f1e94\
    91599b6db4fb3b708b973ee199808569f822018f418f5421e12c2af620a7ecfe20ccc47cf467";

/// A prime of 512 bits.
const QUARTER: &str = "\
    e1fba962d357f492fbc48a38eabda52d71b1e52507de7f355d98ba4dffcf0791fd5c17ff90ed7f3d8df6e6a7b62131cb\
    b13db1ea3bfaf874331c83cd90a6a1bd";

/// Another prime of 512 bits.
const OTHER_QUARTER: &str = "\
    e97aa00886273d622416bcfc81e00c2c57096de897fc5442d3ebe85f5acdcf428c4dd686475491872cae1ffcb095afca\
    fc6e975e731dd9f363aba361b62e7723";

/// A prime of 1024 bits as an affected library generates it.
const ROCA: &str = "\
    e9688e42f9bedd265e0266127d94387ffa8d064d8094dd13aef06b0a14f96ad14b0a6b20594c07bb51162abb517109f8\
    f9da286bda67483e722da0ed3a1d897280bffd849ee00f1d615e62ac86f551c1e954c4e4e6e6f5468d37d1825aeb079b\
    bdb4c8a4561cd9d4cb6547106ce439a7ef66578635df5f94829f940ac0b1ff43";

/// Another prime of the same form.
const OTHER_ROCA: &str = "\
    e10b38742fa8035a9e791f218b948d934c469295f3d087a6e00265b6aeb252e31fc24dd5db57bd40ba98b4e87bbc4eda\
    8d0a3545b755e79cb19255448cf45ae83a3c79da8f93701c8d5ab2bd6a709390075398e0dde9c5b4088ba07ab6d11536\
    262e20ab211bdc7ebe50dc9ea8f3c67cf4f0ed13adbff245c65e8e171a56c073";

/// Returns a number in big-endian order.
fn number(digits: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("hexadecimal digits");
    (0..digits.len() / 2).map(digit).collect()
}

/// Returns the product of numbers.
fn product(factors: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    factors.into_iter().fold(vec![1], |product, factor| {
        let mut digits = vec![0_u32; product.len() + factor.len()];
        for (place, digit) in product.iter().rev().enumerate() {
            for (other_place, other) in factor.iter().rev().enumerate() {
                let at = place + other_place;
                digits[at] += u32::from(*digit) * u32::from(*other);
                digits[at + 1] += digits[at] >> 8;
                digits[at] &= 0xff;
            }
        }
        let bytes = digits.into_iter().rev().map(|digit| u8::try_from(digit).expect("a digit"));
        bytes.skip_while(|byte| *byte == 0).collect()
    })
}

#[test]
fn each_weakness_of_a_modulus_is_found() {
    let small = |factor: u16| product([number(PRIME), factor.to_be_bytes().to_vec()]);
    let square = product([number(HALF), number(HALF)]);
    let quarters = [number(QUARTER), number(OTHER_QUARTER)];
    let prime_of_17_bits = vec![0x01, 0xb1, 0xb5];
    for (name, modulus, expected) in [
        ("even", small(2), Weakness::Even),
        ("even, and a power", product([square.clone(), vec![4]]), Weakness::Even),
        ("a multiple of 3", small(3), Weakness::SmallFactor),
        ("a multiple of 751", small(751), Weakness::SmallFactor),
        ("a prime", number(PRIME), Weakness::Prime),
        ("the square of a prime", square, Weakness::PerfectPower),
        ("the square of a product", product([&quarters[..], &quarters[..]].concat()), Weakness::PerfectPower),
        ("the cube of a prime", product(repeat_n(number(THIRD), 3)), Weakness::PerfectPower),
        ("a high power", product(repeat_n(prime_of_17_bits, 127)), Weakness::PerfectPower),
        ("affected by ROCA", product([number(ROCA), number(OTHER_ROCA)]), Weakness::Roca),
    ] {
        assert_eq!(weakness(&modulus), Some(expected), "{name}");
    }
}

/// The product of two known primes is a weak modulus only because they are published here.
#[test]
fn other_products_are_not_weak() {
    let quarters = || product([number(QUARTER), number(OTHER_QUARTER)]);
    for (name, modulus) in [
        ("two primes", product([number(HALF), quarters()])),
        ("a factor of 757", product([number(PRIME), vec![0x02, 0xf5]])),
        ("a square and another prime", product([number(QUARTER), number(QUARTER), number(HALF)])),
        ("one factor affected by ROCA", product([number(ROCA), number(HALF)])),
    ] {
        assert_eq!(weakness(&modulus), None, "{name}");
    }
}

#[test]
fn the_moduli_of_good_keys_are_not_weak() {
    for size in [KeySize::Rsa2048, KeySize::Rsa3072, KeySize::Rsa4096] {
        let key = KeyPair::generate(size).expect("a key");
        let modulus = key.public_key().modulus().big_endian_without_leading_zero().to_vec();
        assert_eq!(modulus.len(), size.len());
        assert_eq!(weakness(&modulus), None, "{modulus:?}");
    }
}

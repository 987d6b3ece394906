//! Published vectors: BIP-322, Bitcoin Core, and the test suites of wallets and libraries.

use recovery::clues::address::Chain;
use wallet::{Refused, Scheme};

use crate::told;

/// Address, text, signature.
type Vector = (&'static str, &'static str, &'static str);

const SEGWIT: &str = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l";
const EMPTY: &str = "smpAkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxF\
    SeEA2ba9YOixpX8z46TSDtS40ASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=";
const MULTISIG: &str = "bc1qp0ahvfh83088w49k405szqgg4f3pptr7p2g06tdxfjcd40z4lh4q95lsz9";
const THREE: &str = "smpBQBHMEQCIFX9aaqPJWq2Ff2kpen5bFDTid+ehgUOpHV0LfjncXy4AiA3GNicF7aKPzdpa9P\
    CpmaYQs3pHd+qbvvhXdxOCKCAMAFIMEUCIQD/ELXg6CNYyUQijCg96JtgvgjZb9dsl1Ctof4QAeyTcQIgVM/1AAblFl/\
    DCt6A1gJg+T/i2qU5SQD09+chFJzolRwBSDBFAiEAlqRfSFyWNVQhvaCnmeV5tyneiCWMTcFbuujoD/pFa3wCIGnZjfQ\
    b8NolSYq9asV+ZeBSkCGHJcqnaV4JYS5MYPEGAWlTIQJ1aLEfEi/4p7wcV+XHZCBVvGGJZ7L3v+jhH+mZA8lN0yECCov\
    fec+kIdllXpKCgA8RX/HZ2x5yHOtCSKP8/sf6pnwhAwxSng6kCgCXXSAmJOOZFdr3vdK3HzGqCFloOHgc5fM6U64=";

/// BIP-322, `basic-test-vectors.json` and `generated-test-vectors.json`.
const BIP322: [Vector; 7] = [
    (SEGWIT, "", EMPTY),
    (
        SEGWIT,
        "",
        "smpAkgwRQIhAPkJ1Q4oYS0htvyuSFHLxRQpFAY56b70UvE7Dxazen0ZAiAtZfFz1S6T6I23MWI2lK/pcNTWncu\
         yL8UL+oMdydVgzAEhAsfxIAMZZEKUPYWI4BruhAQjzFT8FSFSajuFwrDL1Yhy",
    ),
    (
        SEGWIT,
        "Hello World",
        "smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO\
         7F29zJLUx9a/sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
    ),
    (
        SEGWIT,
        "Hello World",
        "smpAkgwRQIhAOzyynlqt93lOKJr+wmmxIens//zPzl9tqIOua93wO6MAiBi5n5EyAcPScOjf1lAqIUIQtr3zKN\
         eavYabHyR8eGhowEhAsfxIAMZZEKUPYWI4BruhAQjzFT8FSFSajuFwrDL1Yhy",
    ),
    (
        "bc1pss0zhytly75awhm6x2hhvd5lnzv3vssgrf9axfheq8ldyzn88ges79fler",
        "No prefix fallback",
        "AUCJYOwOjxYAvatTAGYaVlNXBVyFuc4MwNQkOuK2tl8xhfKDONd0NjfYyNSYcRqeCp8hsAnCEPHAVEkO9h6vbQ/R",
    ),
    (
        "bc1qkntwc3c4dzxh9xh6875l03fn3vkk023jgak3u7",
        "ESHJI7MWUL64AXHBI42L3UR4QA",
        "AkcwRAIgCYHF/vn67iZX5WBimh84kqD6pTME6eNCMGhfFnnwCNECIAF3nMCk/RfLit+uv8a8FgfQIw0f0ASE21\
         GSz7rX17PsASEDTA2vM8bOtUFgvenSDUmvkq7aWNwoTB0CMiM6carHY1s=",
    ),
    (
        "bc1p9cyuceaazr8cz46mvgkzl94wy397mwpqsrk84su37t72jvkg6wzqv52nfp",
        "TPIZPITUIHEUHO5ACOL6W6MBVD",
        "AUBay6NwR4LEYedkTG+vE9F7C0RTOCB5NH6ZAqf+3hudjHIkOzSZk1jW/5Kt0wRKX3llJ25os+0qktdou4/Y8516",
    ),
];

/// Bitcoin Core, `util_tests.cpp` (taproot with SIGHASH_ALL), and `bip322` (nested).
const OTHERS: [Vector; 2] = [
    (
        "bc1ppv609nr0vr25u07u95waq5lucwfm6tde4nydujnu8npg4q75mr5sxq8lt3",
        "Hello World",
        "AUHd69PrJQEv+oKTfZ8l+WROBHuy9HKrbFCJu7U1iK2iiEy1vMU5EfMtjc+VSHM7aU0SDbak5IUZRVno2P5mjS\
         afAQ==",
    ),
    (
        "3HSVzEhCFuH9Z3wvoWTexy7BMVVp3PjS6f",
        "Hello World",
        "smpAkgwRQIhAMd2wZSY3x0V9Kr/NClochoTXcgDaGl3OObOR17yx3QQAiBVWxqNSS+CKen7bmJTG6YfJjsggQ4\
         Fa2RHKgBKrdQQ+gEhAxa5UDdQCHSQHfKQv14ybcYm1C9y6b12xAuukWzSnS+w",
    ),
];

#[test]
fn published_signatures_of_bip_322_fit() {
    for (address, text, signature) in BIP322.into_iter().chain(OTHERS) {
        let simple = Ok((Chain::Bitcoin, Scheme::Bip322Simple));
        assert_eq!(told(address, text, signature), simple, "{signature}");
        let other = format!("{text} - this should fail");
        let unfit = Err(Refused::SignatureDoesNotFit);
        assert_eq!(told(address, &other, signature), unfit, "{signature}");
    }
}

#[test]
fn published_mistakes_of_bip_322_are_refused() {
    use Refused::{
        ScriptUnsupported, SignatureDoesNotFit, SignatureMalformed, SignatureUnsupported,
    };
    let taproot = "bc1pyrgrm6cu6n54jrvkdjd9rvyd3xfyu84s2623awu2srn6mxhscwpsm5644w";
    let incorrect = "fulAUDZwFXUp+adN+/UZj5dVrGAbB3zKs1Vcalz5fCF9srxS63eSWNGvH1NYbrBkPt1BJDUyWU\
     z9zgUxfc63/QheT6M";
    let wrong = "Wrong message that was not signed";
    for (address, text, signature, why) in [
        (SEGWIT, "", "not-valid-base64!!!", SignatureMalformed),
        (SEGWIT, "", "", SignatureMalformed),
        (SEGWIT, wrong, EMPTY, SignatureDoesNotFit),
        (MULTISIG, "", EMPTY, ScriptUnsupported),
        (SEGWIT, "", "smpAA==", SignatureMalformed),
        (MULTISIG, wrong, THREE, ScriptUnsupported),
        (SEGWIT, "", "fooAA==", SignatureMalformed),
        (taproot, "incorrect prefix", incorrect, SignatureUnsupported),
    ] {
        assert_eq!(told(address, text, signature), Err(why), "{signature}");
    }
}

/// They are valid. What is not verified is not called wrong.
#[test]
fn several_signers_and_the_full_form_are_named_as_not_supported() {
    let text = "This will be a p2wsh 3-of-3 multisig BIP 322 signed message";
    let several = Err(Refused::ScriptUnsupported);
    assert_eq!(told(MULTISIG, text, THREE), several);
    // The same witness for an address in which a script is hidden.
    assert_eq!(told(OTHERS[1].0, text, THREE), several);
    for (address, text, signature) in [
        (
            "164P4mbDkPcyvRnFGAZd1ThjxSj7Fbsywz",
            "GI2SVNWVCWTEEIMFZFFZYAQNSA",
            "AgAAAAGEmHuloQANVIqnpMegGLNFKwAGE0Urv0a/uMiHnJ+FQwAAAABrSDBFAiEAr8VdqPCZU/oVqKKj2W\
             wHfeCX/lzp+Rfk8d59cS9xdGECIAar0nievDdeVstmIgjfM7kzMepL6HrecBuJtgEitFxBASECzgU8WF30f\
             fzpbdClcw/0NBkTCkuRbiEzr+CTXePjiPfgBwAAAQAAAAAAAAAAAWrgBwAA",
        ),
        (
            "bc1psmjelwjtg7lz26jhd4kkf35v0xp3u7ffc6p4n4869s0hxkrrrtkqkpqvmg",
            "K276VUM3MXP56DGNVICQR5XWRT",
            "AgAAAAABAY+B3hhlrps+S2YaxSvL3HxZKdfT+8XCCtZ4KQc5N+AaAAAAAADgBwAAAQAAAAAAAAAAAWoBQE\
             HQoT3HfPKw4WNiQySblfcRX2gnha/mrpFxUoYlkJxuQFXNN3sS+XbJsNAoXRlvQitk0tVEFpsUGRcCdZ7bW\
             PHgBwAA",
        ),
    ] {
        let full = Err(Refused::SignatureUnsupported);
        assert_eq!(told(address, text, signature), full, "{signature}");
    }
}

/// From the test suites of Trezor's firmware, btclib, python-bitcoinlib, Samourai's ExtLibJ, and
/// bitcoinjs-message (issue 20: one signature with the header of Electrum and that of Trezor).
const LEGACY: [Vector; 11] = [
    (
        "1JAd7XCBzGudGpJQSDSfpmJhiygtLQWaGL",
        "This is an example of a signed message.",
        "IP2PL321I4/N0HfVIEw+aUnCYdcAJpzvwdnS3O9rlQI2MO5hf2yKz560DI7dcEycp06kr8OT9D81tOiVgyTL3Rw=",
    ),
    (
        "bc1qannfxke2tfd4l7vhepehpvt05y83v3qsf6nfkk",
        "This is an example of a signed message.",
        "KLVddgDZ6afipJFV3fPP2455bCB/qrgzAQ+kH7eCiIm8R89iNIp6qgkjwIMqWJ+rVB6PEutU+3EckOIwfw9msZQ=",
    ),
    (
        "3L6TyTisPBmrDAj6RoKmDzNnj4eQi54gD2",
        "This is an example of a signed message.",
        "I3RN5FFvrFwUCAgBVmRRajL+rZTeiXdc7H4k28JP4TMHWsCTAcTMjhl76ktkgWYdW46b8Z2Le4o4Ls21PC7gdQ0=",
    ),
    (
        "14dD6ygPi5WXdwwBTt1FBZK3aD8uDem1FY",
        "test message",
        "H/iew/NhHV9V9MdUEn/LFOftaTy1ivGPKPKyMlr8OSokNC755fAxpSThNRivwTNsyY9vPUDTRYBPc2cmGd5d4y4=",
    ),
    (
        "1DAag8qiPLHh6hMFVu9qJQm9ro1HtwuyK5",
        "test message",
        "IFqUo4/sxBEFkfK8mZeeN56V13BqOc0D90oPBChF3gTqMXtNSCTN79UxC33kZ8Mi0cHy4zYCnQfCxTyLpMVXKeA=",
    ),
    (
        "1HUBHMij46Hae75JPdWjeZ5Q7KaL7EFRSD",
        "test message",
        "G/iew/NhHV9V9MdUEn/LFOftaTy1ivGPKPKyMlr8OSokNC755fAxpSThNRivwTNsyY9vPUDTRYBPc2cmGd5d4y4=",
    ),
    (
        "19f7adDYqhHSJm2v7igFWZAqxXHj1vUa3T",
        "test message",
        "HFqUo4/sxBEFkfK8mZeeN56V13BqOc0D90oPBChF3gTqMXtNSCTN79UxC33kZ8Mi0cHy4zYCnQfCxTyLpMVXKeA=",
    ),
    (
        "1F26pNMrywyZJdr22jErtKcjF8R3Ttt55G",
        "1F26pNMrywyZJdr22jErtKcjF8R3Ttt55G",
        "H85WKpqtNZDrajOnYDgUY+abh0KCAcOsAIOQwx2PftAbLEPRA7mzXA/CjXRxzz0MC225pR/hx02Vf2Ag2x33kU4=",
    ),
    (
        "bc1qnxhkjd3kcjdzqz4u0m47xj3dne907cd8yg7qdr",
        "hello foo",
        "IJruGdQX+V6s+zvzTD3msz2l1obPchx19/bsefr+QGihcRArLSzXtkoUXA8k0NkBsIpFXGRxbG/s+eimZ+eGg70=",
    ),
    (
        "3LbZqMMHu371r5Fjve9qNhSQzuNi7EzqUR",
        "test123",
        "H2ehXowFWMZohHrJN+1IRdDwqN/UILqVmhIOHpeBdS4BYDCQpfDL1tTH7mNg6eeypno+Is8ApgWinkPnnz1NEq8=",
    ),
    (
        "3LbZqMMHu371r5Fjve9qNhSQzuNi7EzqUR",
        "test123",
        "I2ehXowFWMZohHrJN+1IRdDwqN/UILqVmhIOHpeBdS4BYDCQpfDL1tTH7mNg6eeypno+Is8ApgWinkPnnz1NEq8=",
    ),
];

#[test]
fn published_signatures_of_the_older_form_fit() {
    for (address, text, signature) in LEGACY {
        let legacy = Ok((Chain::Bitcoin, Scheme::Legacy));
        assert_eq!(told(address, text, signature), legacy, "{signature}");
        let unfit = Err(Refused::SignatureDoesNotFit);
        assert_eq!(told(address, "", signature), unfit, "{signature}");
    }
    // Trezor: the length of the text takes three bytes.
    let long = "VeryLongMessage!".repeat(64);
    for (address, signature) in [
        (
            "1JAd7XCBzGudGpJQSDSfpmJhiygtLQWaGL",
            "IApGR2zrhNBu9XhIKAJvkiyIFfV6rIN7jAEwB8qKhGDbY++Rfb6669EIscgUu+6m2x8rIkGpWOU/5xXMhr\
             GZ2cM=",
        ),
        (
            "bc1qannfxke2tfd4l7vhepehpvt05y83v3qsf6nfkk",
            "KMb4biVeqnaMRH1jXZHaAWMaxUryI8LBgtT6NnbP7K5KGZrTOnT+BPtGw5QyrLjYPedNqQ9fARI7O32Lwl\
             K8f3E=",
        ),
    ] {
        let legacy = Ok((Chain::Bitcoin, Scheme::Legacy));
        assert_eq!(told(address, &long, signature), legacy, "{signature}");
    }
}

/// From the suites of php-bitcoin-signature-routines and Bitonic's verify-signed-message.
#[test]
fn published_mistakes_of_the_older_form_are_refused() {
    use Refused::{AddressMistyped, AddressUnknown, SignatureDoesNotFit, SignatureMalformed};
    let good = LEGACY[4].2;
    for (address, signature, why) in [
        (
            "14wPe34dikRzK4tMYvtwMMJCEZbJ7ar35V",
            good,
            SignatureDoesNotFit,
        ),
        ("17u1mDkgNcDwi44braeTKpvnfNnTrgvBfB", good, AddressMistyped),
        ("INVALID", good, AddressUnknown),
        (LEGACY[4].0, "INVALID", SignatureMalformed),
        (LEGACY[4].0, "VGhpcyBpcyBub3QgdmFsaWQ=", SignatureMalformed),
        (
            LEGACY[4].0,
            "zPOBbkXzwDgGVU3Gxk0noVuLq8P1pGfQUxnS0nzuxEN3qR/U/s63P81io7LV04ZxN88gVX/Qw0rzLFBR8q\
             4IkUc=",
            SignatureMalformed,
        ),
        // No key can be recovered: r and the group's order are more than the field has.
        (
            "1C9CRMGBYrGKKQ6eEpwm4dzMqkRZxPB5xa",
            "IQt3ycjmA6LCbcTiFcj7o6odqX5PKeYPmL+dwcblLc/Xor1E2szTlEZKtHdzSrSz78PbYQUlX5a5VuDeSJ\
             LrEr0=",
            SignatureDoesNotFit,
        ),
    ] {
        assert_eq!(
            told(address, "test message", signature),
            Err(why),
            "{signature}"
        );
    }
}

/// From the documentation of web3.js, the test suite of ethers, and that of ex_web3_ec_recover.
const EIP191: [Vector; 3] = [
    (
        "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23",
        "Some data",
        "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b8001\
         86422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
    ),
    (
        "0x14791697260E4c9A71f18484C9f997B308e59325",
        "hello world",
        "0xddd0a7290af9526056b4e35a077b9a11b513aa0028ec6c9880948544508f3c63265e99e47ad31bb2cab9\
         646c504576b3abc6939a1710afc08cbf3034d73214b81c",
    ),
    (
        "0xb117a8bc3ecf2c3f006b89da6826e49b4193977a",
        "hello world",
        "0x1dd3657c91d95f350ab25f17ee7cbcdbccd3f5bc52976bfd4dd03bd6bc29d2ac23e656bee509ca33b921\
         e0e6b53eb64082be1bb3c69c3a4adccd993b1d667f8d1b",
    ),
];

#[test]
fn published_signatures_of_eip_191_fit() {
    for (address, text, signature) in EIP191 {
        let eip191 = Ok((Chain::Evm, Scheme::Eip191));
        assert_eq!(told(address, text, signature), eip191, "{signature}");
        let unfit = Err(Refused::SignatureDoesNotFit);
        assert_eq!(told(address, "Some  data", signature), unfit, "{signature}");
    }
    let unfit = Err(Refused::SignatureDoesNotFit);
    assert_eq!(told(EIP191[1].0, "hello world", EIP191[2].2), unfit);
}

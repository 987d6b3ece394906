//! Keys: destroying, backups, rotation, races, blind indexes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, unreachable_pub, dead_code)]

mod common;

use std::collections::HashSet;

use futures::FutureExt;

use common::{Disk, case, copy, files, name};
use vault::{Location, MasterKey, MasterProblem, RotationReport, Vault, VaultConfig, VaultError};

const SECRET: &[u8] = b"the passport of Ann";

#[tokio::test]
async fn making_a_key_twice_keeps_the_first() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let before = std::fs::read(disk.key_file(&case(1))).unwrap();
    let record = vault
        .seal_record(&case(1), "contact", SECRET)
        .await
        .unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    assert_eq!(std::fs::read(disk.key_file(&case(1))).unwrap(), before);
    assert_eq!(
        *vault
            .open_record(&case(1), "contact", &record)
            .await
            .unwrap(),
        SECRET
    );
}

#[tokio::test]
async fn destroying_a_key_makes_every_copy_unreadable() {
    let (disk, backup) = (Disk::new(), Disk::new());
    let master = MasterKey::generate();
    let vault = disk.open(&[&master]).await.unwrap();
    for number in [1, 2] {
        vault.create_case_key(&case(number)).await.unwrap();
        vault
            .put_object(&case(number), &name("ev_1"), SECRET)
            .await
            .unwrap();
    }
    let record = vault
        .seal_record(&case(1), "contact", SECRET)
        .await
        .unwrap();
    copy(&disk.objects(), &backup.objects());

    vault.destroy_case_key(&case(1)).await.unwrap();
    vault.destroy_case_key(&case(1)).await.unwrap();
    assert!(matches!(
        vault.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::NoKey)
    ));
    let opened = vault.open_record(&case(1), "contact", &record).await;
    assert!(matches!(opened, Err(VaultError::NoKey)));

    // The objects restored from the backup, read by a process that starts anew.
    vault.delete_objects(&case(1)).await.unwrap();
    copy(&backup.objects(), &disk.objects());
    let fresh = disk.open(&[&master]).await.unwrap();
    assert_eq!(fresh.object_names(&case(1)).await.unwrap(), [name("ev_1")]);
    assert!(matches!(
        fresh.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::NoKey)
    ));
    let opened = fresh.open_record(&case(1), "contact", &record).await;
    assert!(matches!(opened, Err(VaultError::NoKey)));
    // Nobody else's data went with it.
    assert_eq!(
        *fresh.get_object(&case(2), &name("ev_1")).await.unwrap(),
        SECRET
    );
}

#[tokio::test]
async fn a_destroyed_key_is_never_made_again_nor_restored() {
    let disk = Disk::new();
    let master = MasterKey::generate();
    let vault = disk.open(&[&master]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    vault
        .put_object(&case(1), &name("ev_1"), SECRET)
        .await
        .unwrap();
    let wrapped = std::fs::read(disk.key_file(&case(1))).unwrap();
    vault.destroy_case_key(&case(1)).await.unwrap();
    assert!(!disk.key_file(&case(1)).exists());
    assert!(matches!(
        vault.create_case_key(&case(1)).await,
        Err(VaultError::Destroyed)
    ));
    assert!(!disk.key_file(&case(1)).exists());

    // A key file put back beside the mark is not used, and the next rotation wipes it.
    std::fs::write(disk.key_file(&case(1)), wrapped).unwrap();
    let fresh = disk.open(&[&master]).await.unwrap();
    assert!(matches!(
        fresh.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::NoKey)
    ));
    assert!(matches!(
        fresh.create_case_key(&case(1)).await,
        Err(VaultError::Destroyed)
    ));
    let report = fresh.rotate(|_| ()).await.unwrap();
    assert_eq!(
        report,
        RotationReport {
            already: 1,
            wiped: 1,
            ..RotationReport::default()
        }
    );
    assert!(!disk.key_file(&case(1)).exists());

    // A case without a key can be destroyed beforehand.
    vault.destroy_case_key(&case(9)).await.unwrap();
    assert!(matches!(
        vault.create_case_key(&case(9)).await,
        Err(VaultError::Destroyed)
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn destroying_overwrites_the_key_where_it_lies() {
    use std::io::Read;
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let leftover = disk.keys().join("cases").join(format!("{}.age#1", case(1)));
    std::fs::copy(disk.key_file(&case(1)), &leftover).unwrap();
    // Open handles still see the files after they lost their names.
    let mut held =
        [disk.key_file(&case(1)), leftover.clone()].map(|path| std::fs::File::open(path).unwrap());
    vault.destroy_case_key(&case(1)).await.unwrap();
    assert!(!leftover.exists());
    for file in &mut held {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert!(bytes.len() > 200 && bytes.iter().all(|byte| *byte == 0));
    }
    let left = files(&disk.keys()).len();
    assert_eq!(left, 2, "the index key and the mark");
}

#[tokio::test]
async fn destroying_works_in_memory_too() {
    let vault = Vault::open(VaultConfig {
        objects: Location::memory(),
        keys: Location::memory(),
        masters: vec![MasterKey::generate()],
    });
    let vault = vault.await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let record = vault
        .seal_record(&case(1), "contact", SECRET)
        .await
        .unwrap();
    vault.destroy_case_key(&case(1)).await.unwrap();
    vault.destroy_case_key(&case(1)).await.unwrap();
    let opened = vault.open_record(&case(1), "contact", &record).await;
    assert!(matches!(opened, Err(VaultError::NoKey)));
    assert!(matches!(
        vault.create_case_key(&case(1)).await,
        Err(VaultError::Destroyed)
    ));
}

#[tokio::test(start_paused = true)]
async fn another_node_forgets_a_destroyed_key_within_a_minute() {
    let (objects, keys) = (Location::memory(), Location::memory());
    let master = MasterKey::generate();
    let open = || {
        Vault::open(VaultConfig {
            objects: objects.clone(),
            keys: keys.clone(),
            masters: vec![master.clone()],
        })
    };
    let (one, two) = (open().await.unwrap(), open().await.unwrap());
    one.create_case_key(&case(1)).await.unwrap();
    let record = one.seal_record(&case(1), "contact", SECRET).await.unwrap();
    assert!(two.open_record(&case(1), "contact", &record).await.is_ok());
    one.destroy_case_key(&case(1)).await.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    let opened = two.open_record(&case(1), "contact", &record).await;
    assert!(matches!(opened, Err(VaultError::NoKey)));
}

#[tokio::test]
async fn rotation_moves_every_key_and_old_data_still_opens() {
    let disk = Disk::new();
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    let vault = disk.open(&[&old]).await.unwrap();
    for number in 0..20 {
        vault.create_case_key(&case(number)).await.unwrap();
        vault
            .put_object(&case(number), &name("ev_1"), SECRET)
            .await
            .unwrap();
    }
    let index = vault.blind_index("mail", "x");
    vault.destroy_case_key(&case(19)).await.unwrap();

    let both = disk.open(&[&new, &old]).await.unwrap();
    both.create_case_key(&case(20)).await.unwrap();
    let mut heard = Vec::new();
    let report = both.rotate(|so_far| heard.push(so_far)).await.unwrap();
    // 19 cases and the index key; case 20 was wrapped by the new master from the start.
    assert_eq!(
        report,
        RotationReport {
            rewrapped: 20,
            already: 1,
            ..Default::default()
        }
    );
    assert_eq!((heard.len(), heard.last()), (21, Some(&report)));
    let again = both.rotate(|_| ()).await.unwrap();
    assert_eq!(
        again,
        RotationReport {
            already: 21,
            ..Default::default()
        }
    );

    let only_new = disk.open(&[&new]).await.unwrap();
    assert_eq!(only_new.blind_index("mail", "x"), index);
    for number in 0..19 {
        assert_eq!(
            *only_new
                .get_object(&case(number), &name("ev_1"))
                .await
                .unwrap(),
            SECRET
        );
    }
    let only_old = disk.open(&[&old]).await;
    assert!(matches!(
        only_old,
        Err(VaultError::Master(MasterProblem::NoneOpens))
    ));
    // Nor does a vault that was open before read anything it has to unwrap now.
    let late = vault.get_object(&case(20), &name("ev_1")).await;
    assert!(matches!(
        late,
        Err(VaultError::Master(MasterProblem::NoneOpens))
    ));
}

#[tokio::test]
async fn an_interrupted_rotation_is_finished_by_running_it_again() {
    let disk = Disk::new();
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    let vault = disk.open(&[&old]).await.unwrap();
    for number in 0..30 {
        vault.create_case_key(&case(number)).await.unwrap();
    }
    let both = disk.open(&[&new, &old]).await.unwrap();
    // A panic in the middle is what a crash looks like to the store.
    let rotation = both.rotate(|so_far| assert!(so_far.rewrapped < 10, "crash"));
    assert!(
        std::panic::AssertUnwindSafe(rotation)
            .catch_unwind()
            .await
            .is_err()
    );
    let report = both.rotate(|_| ()).await.unwrap();
    assert_eq!(report.rewrapped + report.already, 31);
    assert!(report.already >= 10 && report.rewrapped > 0, "{report:?}");
    let only_new = disk.open(&[&new]).await.unwrap();
    for number in 0..30 {
        only_new
            .seal_record(&case(number), "contact", b"x")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn rotation_counts_keys_that_do_not_open() {
    let disk = Disk::new();
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    let vault = disk.open(&[&old]).await.unwrap();
    for number in 1..=3 {
        vault.create_case_key(&case(number)).await.unwrap();
    }
    let damaged = disk.key_file(&case(2));
    let mut bytes = std::fs::read(&damaged).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&damaged, &bytes).unwrap();
    let both = disk.open(&[&new, &old]).await.unwrap();
    let report = both.rotate(|_| ()).await.unwrap();
    assert_eq!(
        report,
        RotationReport {
            rewrapped: 3,
            unreadable: 1,
            ..Default::default()
        }
    );
    assert_eq!(
        std::fs::read(&damaged).unwrap(),
        bytes,
        "left for the operator to mend"
    );
    let sealed = both.seal_record(&case(2), "contact", b"x").await;
    assert!(matches!(
        sealed,
        Err(VaultError::Master(MasterProblem::NoneOpens))
    ));
    assert!(both.create_case_key(&case(2)).await.is_err());
}

#[tokio::test]
async fn one_cases_key_in_anothers_place_is_refused() {
    let disk = Disk::new();
    let master = MasterKey::generate();
    let vault = disk.open(&[&master]).await.unwrap();
    for number in [1, 2] {
        vault.create_case_key(&case(number)).await.unwrap();
    }
    std::fs::copy(disk.key_file(&case(1)), disk.key_file(&case(2))).unwrap();
    let sealed = vault.seal_record(&case(2), "contact", b"x").await;
    assert!(matches!(sealed, Err(VaultError::Damaged)));
    std::fs::copy(disk.key_file(&case(1)), disk.keys().join("index.age")).unwrap();
    assert!(matches!(
        disk.open(&[&master]).await,
        Err(VaultError::Damaged)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_together_agree_on_the_index_key() {
    let disk = Disk::new();
    let master = MasterKey::generate();
    let mut indexes = HashSet::new();
    let opened = futures::future::join_all((0..16).map(|_| {
        let (objects, keys) = (
            Location::folder(disk.objects()),
            Location::folder(disk.keys()),
        );
        Vault::open(VaultConfig {
            objects,
            keys,
            masters: vec![master.clone()],
        })
    }));
    for vault in opened.await {
        indexes.insert(vault.unwrap().blind_index("mail", "ann@example.org"));
    }
    assert_eq!(indexes.len(), 1);
    let later = disk.open(&[&master]).await.unwrap();
    assert!(indexes.contains(&later.blind_index("mail", "ann@example.org")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_make_one_key_together_agree_on_it() {
    let disk = Disk::new();
    let master = MasterKey::generate();
    let mut nodes = Vec::new();
    for _ in 0..8 {
        nodes.push(disk.open(&[&master]).await.unwrap());
    }
    let sealed = futures::future::join_all(nodes.iter().map(|node| async {
        node.create_case_key(&case(1)).await.unwrap();
        node.seal_record(&case(1), "contact", SECRET).await.unwrap()
    }));
    for record in sealed.await {
        assert_eq!(
            *nodes[0]
                .open_record(&case(1), "contact", &record)
                .await
                .unwrap(),
            SECRET
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_making_destroying_and_rotating_at_once_no_key_is_left() {
    let disk = Disk::new();
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    // Midway through a rotation: a node that still wraps by the old master.
    let vault = disk.open(&[&old, &new]).await.unwrap();
    let both = disk.open(&[&new, &old]).await.unwrap();
    for number in 0..30 {
        let case = case(number);
        if number % 2 == 0 {
            vault.create_case_key(&case).await.unwrap();
        }
        let (made, destroyed, rotated) = tokio::join!(
            vault.create_case_key(&case),
            both.destroy_case_key(&case),
            both.rotate(|_| ()),
        );
        assert!(
            matches!(made, Ok(()) | Err(VaultError::Destroyed)),
            "{made:?}"
        );
        destroyed.unwrap();
        rotated.unwrap();
        assert!(!disk.key_file(&case).exists(), "{number}");
    }
}

#[tokio::test]
async fn blind_indexes_are_stable_apart_by_purpose_and_by_installation() {
    let (disk, other) = (Disk::new(), Disk::new());
    let master = MasterKey::generate();
    let vault = disk.open(&[&master]).await.unwrap();
    let index = vault.blind_index("mail", "ann@example.org");
    assert_eq!(
        index,
        disk.open(&[&master])
            .await
            .unwrap()
            .blind_index("mail", "ann@example.org")
    );
    assert!(index.0.len() == 64 && index.0.bytes().all(|b| b"0123456789abcdef".contains(&b)));
    assert_ne!(index, vault.blind_index("phone", "ann@example.org"));
    assert_ne!(index, vault.blind_index("mail", "ann@example.com"));
    assert_ne!(vault.blind_index("ab", "c"), vault.blind_index("a", "bc"));
    let elsewhere = other.open(&[&master]).await.unwrap();
    assert_ne!(index, elsewhere.blind_index("mail", "ann@example.org"));
}

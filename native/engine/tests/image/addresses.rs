//! The layout of an image.
use hotpatch_engine::link::elf::{
    write, BlockKind, BlockSpec, Contents, DynamicKind, DynamicRelocation, Error, ImageSpec,
    Import, Layout,
};
use object::{Object, ObjectSegment};

fn block(kind: BlockKind, size: u64, align: u64) -> BlockSpec {
    BlockSpec {
        name: format!("{kind:?}"),
        kind,
        size,
        align,
    }
}

fn spec() -> ImageSpec {
    ImageSpec {
        blocks: vec![
            block(BlockKind::Text, 5, 1),
            block(BlockKind::TlsBss, 24, 32),
            block(BlockKind::Data, 3, 1),
            block(BlockKind::Text, 40, 64),
            block(BlockKind::Bss, 5000, 16),
            block(BlockKind::TlsData, 6, 4),
            block(BlockKind::Got, 8, 8),
            block(BlockKind::ReadOnly, 7, 0),
            block(BlockKind::Data, 8, 8),
        ],
        imports: vec![Import {
            name: "puts".into(),
            weak: false,
        }],
        relative_relocations: 1,
        other_relocations: 1,
        ..ImageSpec::default()
    }
}

fn contents(spec: &ImageSpec) -> Vec<Vec<u8>> {
    let in_file = |block: &BlockSpec| !matches!(block.kind, BlockKind::Bss | BlockKind::TlsBss);
    let bytes = |block: &BlockSpec| {
        vec![
            0x11;
            if in_file(block) {
                block.size as usize
            } else {
                0
            }
        ]
    };
    spec.blocks.iter().map(bytes).collect()
}

fn relocations(layout: &Layout) -> Vec<DynamicRelocation> {
    let relative = DynamicRelocation {
        place: layout.block(8).unwrap(),
        kind: DynamicKind::Relative,
        import: None,
        addend: -4096,
    };
    let import = DynamicRelocation {
        place: layout.block(6).unwrap(),
        kind: DynamicKind::GlobDat,
        import: Some(0),
        addend: 0,
    };
    vec![import, relative]
}

#[test]
fn blocks_are_aligned_and_in_segments_of_their_rights() {
    let spec = spec();
    let layout = Layout::new(&spec).unwrap();
    let at = |index: usize| layout.block(index).unwrap();
    for (index, block) in spec.blocks.iter().enumerate() {
        assert_eq!(at(index) % block.align.max(1), 0, "{}", block.name);
    }
    assert_eq!(at(0) % 16, 0);
    let page = |index: usize| at(index) / 4096;
    assert!(page(7) < page(0) && page(3) == page(0) && page(0) < page(2));
    assert_eq!(layout.memory_size() % 4096, 0);
    assert!(layout.memory_size() >= at(4) + 5000);
}

#[test]
fn code_starts_at_the_floor_or_above() {
    let floor = ImageSpec {
        text_floor: 0x12345,
        ..spec()
    };
    assert_eq!(Layout::new(&floor).unwrap().block(0), Some(0x13000));
}

#[test]
fn the_thread_local_block_is_aligned_for_its_strictest_member() {
    let layout = Layout::new(&spec()).unwrap();
    let tls = layout.tls().unwrap();
    assert_eq!(
        (tls.address % 32, tls.align, tls.file_size, tls.mem_size),
        (0, 32, 6, 32 + 24)
    );
    assert_eq!(
        layout.block(5).map(|address| address - tls.address),
        Some(0)
    );
    assert_eq!(
        layout.block(1).map(|address| address - tls.address),
        Some(32)
    );
}

#[test]
fn segments_are_read_execute_write_and_never_write_and_execute() {
    let spec = spec();
    let layout = Layout::new(&spec).unwrap();
    let (bytes, relocations) = (contents(&spec), relocations(&layout));
    let blocks: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    let image = write(
        &spec,
        &layout,
        &Contents {
            blocks: &blocks,
            relocations: &relocations,
            ..Contents::default()
        },
    )
    .unwrap();
    let file = object::File::parse(&*image).unwrap();
    let flags: Vec<String> = file
        .segments()
        .map(|segment| format!("{:?}", segment.permissions()))
        .collect();
    let addresses: Vec<u64> = file.segments().map(|segment| segment.address()).collect();
    assert_eq!(flags.len(), 3, "{flags:?}");
    assert!(
        addresses.iter().all(|address| address % 4096 == 0)
            && addresses.is_sorted()
            && addresses[0] == 0
    );
    let writable: Vec<bool> = file
        .segments()
        .map(|segment| segment.permissions().writable())
        .collect();
    let executable: Vec<bool> = file
        .segments()
        .map(|segment| segment.permissions().executable())
        .collect();
    assert_eq!(
        (writable, executable),
        (vec![false, false, true], vec![false, true, false])
    );
    // RELATIVE first, whatever the order they came in: DT_RELACOUNT counts them from the start.
    let places: Vec<u64> = file
        .dynamic_relocations()
        .unwrap()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, [layout.block(8).unwrap(), layout.block(6).unwrap()]);
}

#[test]
fn contents_that_the_layout_was_not_made_for_are_refused() {
    let spec = spec();
    let layout = Layout::new(&spec).unwrap();
    let (bytes, relocations) = (contents(&spec), relocations(&layout));
    let blocks: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    let good = Contents {
        blocks: &blocks,
        relocations: &relocations,
        ..Contents::default()
    };
    let refused = |contents: Contents<'_>| write(&spec, &layout, &contents).unwrap_err();

    assert!(matches!(
        refused(Contents {
            blocks: &blocks[1..],
            ..good
        }),
        Error::Mismatch { .. }
    ));
    assert!(matches!(
        refused(Contents {
            relocations: &relocations[1..],
            ..good
        }),
        Error::Mismatch { .. }
    ));
    assert!(matches!(
        refused(Contents {
            eh_frame: &[0; 4],
            ..good
        }),
        Error::Mismatch { .. }
    ));
    let mut short = blocks.clone();
    short[0] = &short[0][1..];
    assert!(matches!(
        refused(Contents {
            blocks: &short,
            ..good
        }),
        Error::Mismatch { .. }
    ));
    let mut text = relocations.clone();
    text[1].place = layout.block(0).unwrap();
    assert!(matches!(
        refused(Contents {
            relocations: &text,
            ..good
        }),
        Error::Dangling { .. }
    ));
    let mut import = relocations.clone();
    import[0].import = Some(1);
    assert!(matches!(
        refused(Contents {
            relocations: &import,
            ..good
        }),
        Error::Dangling { .. }
    ));
}

#[test]
fn sizes_past_the_reach_of_a_displacement_are_refused() {
    let huge = |size| ImageSpec {
        blocks: vec![
            block(BlockKind::Bss, size, 1),
            block(BlockKind::Bss, size, 1),
        ],
        ..spec()
    };
    assert_eq!(Layout::new(&huge(1 << 31)), Err(Error::TooLarge));
    assert_eq!(Layout::new(&huge(u64::MAX)), Err(Error::TooLarge));
    let odd = ImageSpec {
        blocks: vec![block(BlockKind::Data, 8, 3)],
        ..ImageSpec::default()
    };
    assert!(matches!(
        Layout::new(&odd),
        Err(Error::Alignment { align: 3, .. })
    ));
}

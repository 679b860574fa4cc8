//! The file from the layout and the contents.
use super::layout::Layout;
use super::parts::{Part, PARTS};
use super::sections::Sections;
use super::{dynamic, frame_table, symbols, Contents, Error, ImageSpec};

/// Between functions stands `int3`, so that a jump astray stops at once.
const TEXT_FILL: u8 = 0xcc;

/// File offsets (u32) of the words in debug sections that are addresses. A debugger that is told of a patch through
/// memory takes addresses as they stand (gdb/jit.c), so the loader gives it a copy in which the bias is added to them.
const ADDRESSES: &str = ".nx_hotpatch.addresses";

/// Makes the file. Fails when the contents are not what the layout was made for.
pub fn write(spec: &ImageSpec, layout: &Layout, contents: &Contents<'_>) -> Result<Vec<u8>, Error> {
    let present: Vec<Part> = PARTS.into_iter().filter(|part| layout.has(*part)).collect();
    let index = |part: Part| -> u16 {
        (1..)
            .zip(&present)
            .find(|(_, other)| **other == part)
            .map_or(0, |(n, _)| n)
    };

    let debug: usize = contents
        .debug
        .iter()
        .map(|section| section.data.len())
        .sum();
    let mut file =
        Vec::with_capacity(layout.loaded as usize + debug + contents.plan.len() + 64 * 1024);
    file.resize(layout.loaded as usize, 0);
    put_blocks(&mut file, spec, layout, contents.blocks)?;
    put_tables(&mut file, spec, layout, contents)?;

    let mut sections = Sections::new();
    for part in &present {
        sections.add_loaded(*part, layout, index);
    }
    let mut addresses = Vec::new();
    for section in contents.debug {
        let start = if section.strings {
            sections.append_strings(&mut file, &section.name, &section.data)
        } else {
            sections.append(
                &mut file,
                &section.name,
                &section.data,
                section.align.max(1),
            )
        };
        for offset in &section.addresses {
            let place =
                u32::try_from(start.saturating_add(*offset)).map_err(|_| Error::TooLarge)?;
            addresses.extend_from_slice(&place.to_le_bytes());
        }
    }
    sections.append(&mut file, ADDRESSES, &addresses, 4);
    sections.append(&mut file, ".nx_hotpatch", contents.plan, 1);
    let (symbols, strings) = symbols::tables(spec, layout, index)?;
    sections.append_symbols(&mut file, &symbols, &strings);
    let (count, table) = sections.finish(&mut file);

    put(&mut file, 0, &layout.header_bytes(count, table))?;
    Ok(file)
}

fn put_blocks(
    file: &mut [u8],
    spec: &ImageSpec,
    layout: &Layout,
    blocks: &[&[u8]],
) -> Result<(), Error> {
    dynamic::expect("blocks", spec.blocks.len(), blocks.len())?;
    let text = layout.place(Part::Text);
    if let Some(code) = range(text.offset, text.size).and_then(|range| file.get_mut(range)) {
        code.fill(TEXT_FILL);
    }
    for (index, (block, bytes)) in spec.blocks.iter().zip(blocks).enumerate() {
        let part = Part::of(block.kind);
        let place = layout.place(part);
        let size = if part.in_file() {
            block.size as usize
        } else {
            0
        };
        dynamic::expect(&block.name, size, bytes.len())?;
        if part.in_file() {
            let address = layout.block(index).ok_or(Error::TooLarge)?;
            put(file, place.offset + (address - place.address), bytes)?;
        }
    }
    Ok(())
}

/// The sections that this module makes itself.
fn put_tables(
    file: &mut [u8],
    spec: &ImageSpec,
    layout: &Layout,
    contents: &Contents<'_>,
) -> Result<(), Error> {
    let (symbols, strings) = dynamic::symbols_and_strings(spec);
    let mut tables = vec![
        (Part::Hash, dynamic::hash(spec)),
        (Part::DynSym, symbols),
        (Part::DynStr, strings),
        (
            Part::Rela,
            dynamic::relocations(spec, layout, contents.relocations)?,
        ),
        (Part::EhFrame, contents.eh_frame.to_vec()),
        (
            Part::Dynamic,
            dynamic::entries(spec, layout, contents.relocations),
        ),
    ];
    if layout.has(Part::Note) {
        tables.push((Part::Note, dynamic::note(&spec.build_id)));
    }
    if layout.has(Part::EhFrameHdr) {
        tables.push((
            Part::EhFrameHdr,
            frame_table::bytes(spec, layout, contents.frames)?,
        ));
    }
    for (part, bytes) in tables {
        let place = layout.place(part);
        dynamic::expect(part.name(), place.size as usize, bytes.len())?;
        put(file, place.offset, &bytes)?;
    }
    Ok(())
}

fn put(file: &mut [u8], offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let place = range(offset, bytes.len() as u64).and_then(|range| file.get_mut(range));
    place.ok_or(Error::TooLarge)?.copy_from_slice(bytes);
    Ok(())
}

fn range(offset: u64, size: u64) -> Option<std::ops::Range<usize>> {
    let end = offset.checked_add(size)?;
    Some(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)
}

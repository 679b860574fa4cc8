//! Images as gimli and object see them.
use gimli::{BaseAddresses, EhFrame, EhFrameHdr, EndianSlice, LittleEndian};
use object::{Object, ObjectSection};

pub type Slice<'a> = EndianSlice<'a, LittleEndian>;

pub fn section<'a>(file: &object::File<'a>, name: &str) -> (u64, &'a [u8]) {
    match file.section_by_name(name) {
        Some(section) => (section.address(), section.data().unwrap()),
        None => (0, &[]),
    }
}

/// `.eh_frame`, `.eh_frame_hdr` and the addresses that their pointers are relative to.
pub fn unwind<'a>(
    file: &object::File<'a>,
) -> (EhFrame<Slice<'a>>, EhFrameHdr<Slice<'a>>, BaseAddresses) {
    let (frame_address, frame) = section(file, ".eh_frame");
    let (header_address, header) = section(file, ".eh_frame_hdr");
    let bases = BaseAddresses::default()
        .set_eh_frame(frame_address)
        .set_eh_frame_hdr(header_address);
    (
        EhFrame::new(frame, LittleEndian),
        EhFrameHdr::new(header, LittleEndian),
        bases,
    )
}

pub fn dwarf<'a>(file: &object::File<'a>) -> gimli::Dwarf<Slice<'a>> {
    let load = |id: gimli::SectionId| {
        Ok::<_, gimli::Error>(Slice::new(section(file, id.name()).1, LittleEndian))
    };
    gimli::Dwarf::load(load).unwrap()
}

/// Bytes of the loaded image at an address.
pub fn memory<'a>(file: &object::File<'a>, address: u64, size: usize) -> &'a [u8] {
    let holder = file.sections().find(|section| {
        section.address() > 0
            && (section.address()..section.address() + section.size()).contains(&address)
    });
    let section = holder.unwrap_or_else(|| panic!("no section at {address:#x}"));
    let start = (address - section.address()) as usize;
    &section.data().unwrap()[start..start + size]
}

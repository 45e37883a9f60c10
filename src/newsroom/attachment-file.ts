/**
 * A PDF of one page that shows `title` (ISO 32000-1; the font is one of the four Adobe-GB1 fonts that
 * viewers bring along, so nothing is embedded).
 */
export function pdfFile(title: string): Uint8Array {
  const content = `BT /F1 18 Tf 72 760 Td <${utf16Hex(title)}> Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 7 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`
  return Buffer.from(`${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}${trailer}`, 'latin1')
}

/** A document that word processors open under the name `.doc`: RTF, as many offices save it, with `title` as its text. */
export function docFile(title: string): Uint8Array {
  const escaped = Array.from({ length: title.length }, (_, index) => {
    const unit = title.charCodeAt(index)
    // \uN takes a signed 16-bit number and one stand-in character for readers that do not know it.
    return `\\u${unit > 0x7fff ? unit - 0x10000 : unit}?`
  })
  return Buffer.from(
    `{\\rtf1\\ansi\\uc1\\deff0{\\fonttbl{\\f0 SimSun;}}\\f0\\fs28 ${escaped.join('')}\\par}\n`,
    'latin1',
  )
}

function utf16Hex(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex')
}

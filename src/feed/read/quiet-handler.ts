/**
 * Passes over what the tokenizer of an XML text tells beside elements and text: comments, processing instructions and
 * DTDs say nothing about items, and no entity that a DTD declares is ever expanded.
 */
export class QuietHandler {
  onattribentity(): void {}
  ontextentity(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}

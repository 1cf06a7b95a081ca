"""nixos-docs: an offline index over the documentation packs that an operator lists."""

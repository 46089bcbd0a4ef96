"""What is kept: one schema, one store, slices replaced whole, evidence only ever appended."""

"""How often is the verdict wrong? The tool on corpora whose truth is known, at many sizes."""

"""Judgements that several questions share: subjects, levels, workload, accreditations, registers."""

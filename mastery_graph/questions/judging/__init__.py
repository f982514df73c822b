"""What several questions share when they judge: subjects, workload, accreditations."""

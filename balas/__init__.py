"""The shared package: a pure domain, and the adapters that reach Postgres, AWS and the model."""

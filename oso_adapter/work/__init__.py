"""Who carries out orders: the exchange row is the job, an engine decides who runs it now."""

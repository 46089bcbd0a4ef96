"""How assets are cut: by clinic and month, or by month. Patients and therapists are rows."""

import os
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from rapport.home import HOME_VARIABLE, SETTINGS_FILE
from rapport.monthly import ClinicMonth
from rapport.settings import Settings, load_settings


def configured() -> Settings:
    """Return the settings of the home that ``RAPPORT_HOME`` names, or the defaults without one.

    Definitions must load where there is no home yet, such as in ``dagster definitions validate``.
    """
    file = Path(os.environ.get(HOME_VARIABLE, "")) / SETTINGS_FILE
    return load_settings(file) if os.environ.get(HOME_VARIABLE) and file.exists() else Settings()


CLINICS = dg.DynamicPartitionsDefinition(name="clinics")
"""The clinics of the registry; synchronised from it, never edited by hand."""

MONTHS = dg.MonthlyPartitionsDefinition(
    start_date=configured().start_month, fmt="%Y-%m", end_offset=1
)
"""From the configured first month through the one that is running."""

CLINIC_MONTHS = dg.MultiPartitionsDefinition({"clinic": CLINICS, "month": MONTHS})

EACH_MONTH = dg.MultiToSingleDimensionPartitionMapping("month")
"""A month's assets depend on every clinic's slice of that month."""


def key_of(one: ClinicMonth) -> dg.MultiPartitionKey:
    """Return the partition key of a clinic-month."""
    return dg.MultiPartitionKey({"clinic": one.clinic_id, "month": one.month})


def slices_of(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
) -> list[ClinicMonth]:
    """Return the clinic-months that this step is asked for, one or a range of them."""
    found = []
    for key in context.partition_keys:
        if not isinstance(key, dg.MultiPartitionKey):
            raise TypeError("this asset is cut by clinic and month")
        dimensions = key.keys_by_dimension
        found.append(ClinicMonth(dimensions["clinic"], dimensions["month"]))
    return found


def synchronise(instance: dg.DagsterInstance, clinic_ids: Sequence[str]) -> None:
    """Make the clinic partitions exactly those of the registry.

    What was materialised for a clinic that left stays in the event log and in the warehouse.
    """
    name = str(CLINICS.name)
    known = instance.get_dynamic_partitions(name)
    for gone in set(known) - set(clinic_ids):
        instance.delete_dynamic_partition(name, gone)
    new = [one for one in clinic_ids if one not in known]
    if new:
        instance.add_dynamic_partitions(name, new)

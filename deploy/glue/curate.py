"""
The Glue job: the raw layer, cleaned by the rules of the Flink job, into Iceberg tables. Glue 5.1: Spark 3.5.6, Python
3.11, Iceberg 1.10. Which catalog and which file system Iceberg uses are settings of Spark: see `ingest.yaml`.
"""

import argparse

from pyspark.sql import SparkSession

from roadpulse_glue.curate import curate


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw-bucket", required=True, help="bucket of the raw layer")
    parser.add_argument("--database", required=True, help="database of the tables in the catalog")
    # Glue gives arguments of its own to every script.
    options, _ = parser.parse_known_args()
    spark = SparkSession.builder.appName("roadpulse-curate").getOrCreate()
    curate(spark, options.raw_bucket, options.database)


if __name__ == "__main__":
    main()

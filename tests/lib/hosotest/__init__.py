# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share: a client made from the proto files alone, and a cluster to talk to."""

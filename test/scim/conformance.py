"""Runs scim2-tester against a SCIM service and prints its results as one JSON document.

Arguments: the base URL and the token. A SCIM schema cannot say that a user name is an e-mail address, how long a text may be
or who exists, so the models that the suite discovers are given such values to choose from before its checks run.
"""

import json
import sys
import uuid
from typing import get_args

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

VALUES = {
    "User": {
        "user_name": [f"{uuid.uuid4()}@nordlicht.example" for _ in range(1000)],
        # the richest: a license cannot be lowered
        "user_type": ["Full"],
    },
    "Roles": {
        "type": ["organization_user_role"],
        "value": ["ORGANIZATION_INTERNAL_USER"],
        "display": ["Organization Internal User"],
        "primary": [True],
    },
    "EnterpriseUser": {"employee_number": ["E0001", "E0002", "E0003"]},
    "Manager": {"value": ["3458764500000000001", "3458764500000000002"]},
}


def describe(model: type, values: dict) -> None:
    """Tells a model and the complex attributes in it which values the service takes."""
    for name, field in model.model_fields.items():
        told = values.get(model.__name__.split("[")[0], {})
        field.examples = told.get(name, field.examples)
        for part in parts(field.annotation):
            describe(part, values)


def parts(annotation: object) -> list:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return [annotation]
    return [found for each in get_args(annotation) for found in parts(each)]


def main(base: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with Client(base_url=base, headers=headers, timeout=60) as http:
        client = SyncSCIMClient(http)
        client.discover()
        person = http.get(f"{base}/Users", params={"count": 1}).json()["Resources"][0]
        member = {"value": [person["id"]], "display": [person["displayName"]]}
        for kind in client.provider.resource_types:
            model = client.get_resource_model(kind.name)
            describe(model, {**VALUES, "Members": member})
        results = check_server(client)
    document = [
        {
            "check": result.title,
            "resource": result.resource_type,
            "status": result.status.name,
            "reason": result.reason,
        }
        for result in results
    ]
    print(json.dumps(document))


main(*sys.argv[1:])

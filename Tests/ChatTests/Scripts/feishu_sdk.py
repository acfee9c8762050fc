"""A person with lark-oapi, the vendor's own client from PyPI: writes a command, reads the answer.

Arguments: the server's address, the app's id and secret, a person's token. Prints what it saw as
one JSON object.
"""
import json
import sys
import time

import lark_oapi as lark
from lark_oapi.api.im.v1 import (
    CreateMessageRequest, CreateMessageRequestBody, ListChatRequest, ListMessageRequest)

address, app, secret, token = sys.argv[1:]


def client():
    return (lark.Client.builder().app_id(app).app_secret(secret).domain(address)
            .log_level(lark.LogLevel.ERROR))


def good(response):
    if not response.success():
        raise SystemExit(f"code {response.code}: {response.msg}")
    return response.data


# The app earns its token as the vendor does.
of_app = client().build()
chats = good(of_app.im.v1.chat.list(ListChatRequest.builder().page_size(20).build()))
room = chats.items[0].chat_id

of_person = client().enable_set_token(True).build()
person = lark.RequestOption.builder().user_access_token(token).build()
body = (CreateMessageRequestBody.builder().receive_id(room).msg_type("text")
        .content(json.dumps({"text": "!task add from the SDK"})).uuid("sdk-1").build())
asked = good(of_person.im.v1.message.create(
    CreateMessageRequest.builder().receive_id_type("chat_id").request_body(body).build(), person))

since = str(int(int(asked.create_time) / 1000))
listing = (ListMessageRequest.builder().container_id_type("chat").container_id(room)
           .start_time(since).sort_type("ByCreateTimeAsc").page_size(50).build())
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    for message in good(of_app.im.v1.message.list(listing)).items:
        if message.sender.sender_type == "app" and "from the SDK" in message.body.content:
            print(json.dumps({
                "answer": message.body.content, "type": message.msg_type,
                "underTheQuestion": message.parent_id == asked.message_id,
            }))
            sys.exit()
    time.sleep(0.05)
raise SystemExit("no answer came")

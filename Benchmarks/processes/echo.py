"""The least that a bot on python-telegram-bot can do: answer every text with a word."""

import sys

from telegram.ext import Application, MessageHandler, filters


async def answer(update, context):
    await update.message.reply_text("ok")


application = Application.builder().token(sys.argv[2]).base_url(sys.argv[1]).build()
application.add_handler(MessageHandler(filters.TEXT, answer))
application.run_polling()

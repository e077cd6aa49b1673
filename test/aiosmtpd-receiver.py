# A receiver with STARTTLS and AUTH made of Debian's aiosmtpd: ann/secret may send, over TLS only. Says when it is ready, then
# one line of JSON for each message. Started by relay-peers.test.ts with a certificate, its key and a port.
import json, ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

class Handler:
    async def handle_DATA(self, server, session, envelope):
        told = {'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'tls': session.ssl is not None,
                'login': session.authenticated, 'content': envelope.content.decode('latin-1')}
        print(json.dumps(told), flush=True)
        return '250 2.0.0 taken'

def check(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b'ann', b'secret'), handled=False)  # it answers itself

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[1], sys.argv[2])
controller = Controller(Handler(), hostname='127.0.0.1', port=int(sys.argv[3]), tls_context=context,
                        require_starttls=True, auth_required=True, authenticator=check)
controller.start()
print('ready', flush=True)
sys.stdin.read()
controller.stop()

"""A certificate authority for the test registrar, and bad certificates."""

import os
import subprocess

DOMAIN = "phone.test"

CNF = """
[ca]
default_ca = it
[it]
new_certs_dir = .
database = index.txt
serial = serial
default_md = sha256
policy = any
default_days = 30
unique_subject = no
[any]
commonName = supplied
[host]
subjectAltName = {names}
extendedKeyUsage = serverAuth
basicConstraints = CA:FALSE
"""


def _run(folder, *argv):
    subprocess.run(["openssl", *argv], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _ca(folder, name):
    if not os.path.exists(os.path.join(folder, f"{name}.pem")):
        _run(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
             f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
             "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def make(folder, kind="good", host="127.0.0.1"):
    """Make ca.pem (what the phone trusts) and server.pem, server.key.

    kind: good, wrong-host, unknown-ca, expired
    """
    os.makedirs(folder, exist_ok=True)
    _ca(folder, "ca")
    signer = "ca"
    if kind == "unknown-ca":
        signer = "stranger"
        _ca(folder, signer)
    domain = "elsewhere.test" if kind == "wrong-host" else DOMAIN
    names = f"DNS:{domain}"
    if kind != "wrong-host":
        # the address as a DNS name: linphone looks at no IP names
        names += f",DNS:{host},IP:{host}"
    with open(os.path.join(folder, "ca.cnf"), "w", encoding="ascii") as f:
        f.write(CNF.format(names=names))
    with open(os.path.join(folder, "index.txt"), "w", encoding="ascii"):
        pass
    with open(os.path.join(folder, "serial"), "w", encoding="ascii") as f:
        f.write("1000\n")
    _run(folder, "req", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={domain}",
         "-keyout", "server.key", "-out", "server.csr")
    dates = []
    if kind == "expired":
        dates = ["-startdate", "20240101000000Z",
                 "-enddate", "20240201000000Z"]
    _run(folder, "ca", "-batch", "-notext", "-config", "ca.cnf",
         "-extensions", "host", "-cert", f"{signer}.pem", "-keyfile",
         f"{signer}.key", "-in", "server.csr", "-out", "server.pem", *dates)
    return os.path.join(folder, "ca.pem")


def client(folder, name):
    """A certificate for a client by the same authority; the path of one
    file with it and its key."""
    _run(folder, "req", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
         "-keyout", f"{name}.key", "-out", f"{name}.csr")
    _run(folder, "x509", "-req", "-days", "30", "-in", f"{name}.csr", "-CA",
         "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
         f"{name}.crt")
    path = os.path.join(folder, f"{name}.pem")
    with open(path, "w", encoding="ascii") as f:
        for part in (f"{name}.crt", f"{name}.key"):
            with open(os.path.join(folder, part), encoding="ascii") as g:
                f.write(g.read())
    os.chmod(path, 0o600)
    return path

"""An OpenPGP key that signs thousands of packages a second: gpg needs a process for each signature."""

import ctypes
import ctypes.util
import hashlib
import os
import struct
import subprocess

CREATED = 1700000000
RSA, SHA256 = 1, 8
PUBLIC_KEY, USER_ID, SIGNATURE = 6, 13, 2
OVER_BYTES, CERTIFICATION = 0x00, 0x13


class Key:
    """RSA with 2048 bits, as packages of distributions are signed."""

    def __init__(self, directory):
        self._library = ctypes.CDLL(ctypes.util.find_library("crypto"))
        for name in ("BIO_new_file", "PEM_read_bio_PrivateKey", "EVP_MD_CTX_new", "EVP_sha256"):
            getattr(self._library, name).restype = ctypes.c_void_p
        private = os.path.join(directory, "key.pem")
        subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, stderr=subprocess.DEVNULL)
        text = subprocess.run(["openssl", "rsa", "-in", private, "-noout", "-modulus"], check=True, capture_output=True)
        modulus = int(text.stdout.split(b"=")[1], 16)
        file = ctypes.c_void_p(self._library.BIO_new_file(private.encode(), b"r"))
        self._key = ctypes.c_void_p(self._library.PEM_read_bio_PrivateKey(file, None, None, None))
        self._body = struct.pack(">BIB", 4, CREATED, RSA) + _number(modulus) + _number(65537)
        self._hashed = b"\x99" + struct.pack(">H", len(self._body)) + self._body
        self.fingerprint = hashlib.sha1(self._hashed).digest()

    def public(self):
        """The key with its owner's name and self-signature."""
        name = b"Benchmark <packages@example.test>"
        named = self._hashed + b"\xb4" + struct.pack(">I", len(name)) + name
        certificate = self.signature(named, CERTIFICATION, b"\x02\x1b\x03")
        return _packet(PUBLIC_KEY, self._body) + _packet(USER_ID, name) + certificate

    def signature(self, content, kind=OVER_BYTES, subpackets=b""):
        """A signature packet (RFC 4880, 5.2.3)."""
        hashed = b"\x05\x02" + struct.pack(">I", CREATED) + b"\x16\x21\x04" + self.fingerprint + subpackets
        head = struct.pack(">BBBBH", 4, kind, RSA, SHA256, len(hashed)) + hashed
        covered = content + head + b"\x04\xff" + struct.pack(">I", len(head))
        issuer = b"\x09\x10" + self.fingerprint[-8:]
        body = head + struct.pack(">H", len(issuer)) + issuer + hashlib.sha256(covered).digest()[:2]
        return _packet(SIGNATURE, body + _number(int.from_bytes(self._sign(covered), "big")))

    def _sign(self, content):
        context = ctypes.c_void_p(self._library.EVP_MD_CTX_new())
        method = ctypes.c_void_p(self._library.EVP_sha256())
        size = ctypes.c_size_t(512)
        signature = ctypes.create_string_buffer(512)
        made = self._library.EVP_DigestSignInit(context, None, method, None, self._key) == 1
        made = made and self._library.EVP_DigestSign(
            context, signature, ctypes.byref(size), content, ctypes.c_size_t(len(content))
        )
        self._library.EVP_MD_CTX_free(context)
        if made != 1:
            raise RuntimeError("libcrypto does not sign")
        return signature.raw[: size.value]


def _number(value):
    return struct.pack(">H", value.bit_length()) + value.to_bytes((value.bit_length() + 7) // 8, "big")


def _packet(tag, body):
    return bytes([0x80 | tag << 2 | 1]) + struct.pack(">H", len(body)) + body

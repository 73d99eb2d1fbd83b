"""The journal reader: reads a whole entry and says what it expresses, sentence by sentence and as a whole."""

"""A long made-up entry whose mood turns several times."""

A_LONG_DAY = """\
I had dreaded this day for three weeks. The house was cold and I could not find the keys anywhere. I was \
so nervous that I spilled coffee over the contract. Sam asked whether I was all right and I snapped at \
him. I was scared we would lose the deposit and everything with it. The van came an hour late. The \
driver had another job at eleven and said so four times. I was annoyed with him, with the rain and with \
myself. The sofa did not fit through the door. We left it on the pavement under a sheet. It was awful to \
see the empty rooms. The kitchen still smelled of Sunday mornings.

Then we drove down to the coast. The rain stopped at the second roundabout. There is a view from the top \
of the hill that I had forgotten about. The sea was completely flat and silver. Sam turned the radio up \
and we sang, badly, and I laughed until my stomach hurt. The new place was full of light. I was so happy \
that I ran from room to room like a child. Our neighbour brought soup and a spare bulb. That was so kind \
of her, I really am grateful. We ate on the floor with one spoon between us. I love this house already. \
I love that he never once said he was tired. It was the best hour of the whole year.

In the evening I unpacked the last box. The boxes were labelled in my mother's handwriting. I had not \
seen it since the funeral. I sat down on the stairs and cried. I miss her so much. She would have known \
where the plates should go. She never got to see the sea from here, and that breaks my heart. Sam sat \
beside me and did not say anything. It hurts that there is nobody left to ring. I felt so sad and so \
alone for a while. The lamp in the hall does not work yet. Tomorrow we will look for the meter. I turned \
off the heating and went to bed.
"""
